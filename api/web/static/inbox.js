// The inbox by keys: J and K go from item to item, A and R decide the one with the focus, and without one go to the
// first; after a decision the focus goes to the next item.
"use strict";

(() => {
  const items = () => [...document.querySelectorAll("[data-item]")];
  const current = () => document.activeElement?.closest("[data-item]");
  let next = null;

  function go(item) {
    item?.focus();
    item?.scrollIntoView({ block: "nearest" });
  }

  function step(by) {
    const all = items();
    const at = all.indexOf(current());
    go(at < 0 ? all[0] : all[Math.min(Math.max(at + by, 0), all.length - 1)]);
  }

  const STEPS = { j: 1, n: 1, k: -1 };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog:modal")) return;
    if (event.target.closest("input, select, textarea, #panel")) return;
    const key = event.key.toLowerCase();
    if (STEPS[key]) {
      event.preventDefault();
      return step(STEPS[key]);
    }
    const keyed = `button[data-key="${CSS.escape(key)}"]`;
    if (!document.querySelector(keyed)) return;
    event.preventDefault();
    if (!current()) return go(items()[0]);
    current().querySelector(keyed)?.click();
  });

  /** Who comes after the item that is being decided: it is gone once the page is shown anew. */
  document.addEventListener("callboard:done", ({ target }) => {
    const all = items();
    const at = all.indexOf(target.closest("[data-item]"));
    if (at >= 0) next = { id: (all[at + 1] ?? all[at - 1])?.id };
  });

  document.addEventListener("callboard:refreshed", () => {
    if (!next) return;
    const item = next.id && document.getElementById(next.id);
    next = null;
    go(item || items()[0] || document.querySelector("#content h1"));
  });

  /** The navigation's count tells that something came or went: the page follows it. */
  function follow() {
    const count = badge.querySelector("[data-waits]")?.dataset.waits ?? "0";
    const shown = document.querySelector("#content [data-shown]")?.dataset.shown ?? count;
    if (count !== shown && !document.querySelector("dialog:modal, #content [aria-busy=true]")) callboard.refresh();
  }

  if (location.hash) go(document.getElementById(location.hash.slice(1)));

  const badge = document.getElementById("inbox-count");
  new MutationObserver(follow).observe(badge, { childList: true });
})();
