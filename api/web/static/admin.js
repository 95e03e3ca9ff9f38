// What the forms of administration do beyond sending: whose clock times go by, settings as pairs, whom a
// closure hits, and the progress of long work.
"use strict";

(() => {
  const POLL_MS = 700;

  // ---- times go by the clock of the room's studio -------------------------------------------------

  document.addEventListener("change", ({ target }) => {
    if (!target.matches("select[data-zones]")) return;
    const studio = target.selectedOptions[0]?.dataset.studio;
    if (!studio) return;
    for (const group of target.form.querySelectorAll("[data-instant]")) group.dataset.studio = studio;
  });

  // ---- settings: pairs of name and value, sent as one object ----------------------------------------

  function meant(text) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }

  function gather(box) {
    const found = {};
    for (const pair of box.querySelectorAll(".pair")) {
      const [name, value] = pair.querySelectorAll("input");
      if (name.value.trim()) found[name.value.trim()] = meant(value.value);
    }
    return JSON.stringify(found);
  }

  /** What was there at first, so that a form that sends changes only knows whether there are any. */
  function prepare(box) {
    const field = box.querySelector("textarea");
    if (field.dataset.prepared) return;
    field.dataset.prepared = "yes";
    field.defaultValue = gather(box);
    field.value = field.defaultValue;
  }

  document.addEventListener("focusin", ({ target }) => {
    const box = target.closest("[data-pairs]");
    if (box) prepare(box);
  });

  document.addEventListener("input", ({ target }) => {
    const box = target.closest("[data-pairs]");
    if (box) box.querySelector("textarea").value = gather(box);
  });

  document.addEventListener("click", ({ target }) => {
    const box = target.closest("[data-pairs]");
    if (!box) return;
    prepare(box);
    const pairs = box.querySelectorAll(".pair");
    if (target.closest("[data-unpair]")) {
      const pair = target.closest(".pair");
      if (pairs.length > 1) pair.remove();
      else pair.querySelectorAll("input").forEach((field) => (field.value = ""));
    } else if (target.closest("[data-pair]")) {
      const pair = pairs[pairs.length - 1].cloneNode(true);
      pair.querySelectorAll("input").forEach((field) => (field.value = ""));
      pairs[pairs.length - 1].after(pair);
      pair.querySelector("input").focus();
    }
    box.querySelector("textarea").value = gather(box);
  });

  // ---- closures over bookings ----------------------------------------------------------------------

  /** Puts what is hit where it is shown; how many is read out, not the list. */
  async function showIn(box, href) {
    await htmx.ajax("GET", href, { target: box, swap: "innerHTML" });
    const heads = [...box.querySelectorAll("h3, .problem")].map((each) => each.textContent);
    box.previousElementSibling.textContent = heads.join(". ");
    return heads;
  }

  const clear = (form) => {
    form.querySelector("[data-hit]")?.replaceChildren();
    form.querySelector(".hits")?.replaceChildren();
    const again = form.querySelector(".again");
    if (again) again.hidden = true;
  };

  /** Shows whom the form's span would hit; the row that it holds is the form's or its picker's. */
  async function showHits(form, field) {
    const box = form.querySelector(".hits");
    const held = form.dataset.held ?? form.elements.namedItem(field)?.value;
    if (!box || !held || !form.reportValidity()) return;
    const span = {};
    for (const group of form.querySelectorAll("[data-instant]")) {
      const asked = new URLSearchParams({ studio_id: group.dataset.studio });
      for (const each of group.querySelectorAll("input")) asked.set(each.name, each.value);
      span[group.dataset.instant] = (await callboard.send("GET", `/studio-time?${asked}`)).data.instant;
    }
    const asked = new URLSearchParams({ row_id: held, start: span.start, end: span.end });
    await showIn(box, `/admin/impact?${asked}`);
  }

  /** Shows whom the form's opening hours would leave outside, as it stands; outside of a form, deleting them. */
  async function showOutside(ask) {
    const { outside: path, row = "" } = ask.dataset;
    const form = ask.form ? JSON.stringify(await callboard.bodyOf(ask.form)) : "";
    const asked = new URLSearchParams({ path, form, row_id: row });
    const box = (ask.form ?? ask.parentElement).querySelector(".hits");
    return showIn(box, `/admin/opening-impact?${asked}`);
  }

  /** Says beside the closing until when hours go, as the form stands. */
  async function showLasting(form, box) {
    const asked = new URLSearchParams();
    for (const each of form.querySelectorAll("[name=opens], [name=closes]")) asked.set(each.name, each.value);
    const days = form.querySelectorAll("[name=weekday], [name=weekdays]:checked");
    if (days.length === 1) asked.set("weekday", days[0].value);
    box.dataset.asked = asked;
    const answer = await fetch(`/admin/opening-span?${asked}`).catch(() => null);
    const said = answer?.ok ? await answer.text() : "";
    // An answer to what was typed before comes too late.
    if (box.dataset.asked === String(asked)) box.textContent = said;
  }

  document.addEventListener("input", ({ target }) => {
    const box = target.form?.querySelector("#lasts");
    if (box) showLasting(target.form, box);
  });

  // The question whether to delete hours says how many would be outside; they stand on the page below it.
  document.addEventListener(
    "click",
    async (event) => {
      const button = event.target.closest("[data-without]");
      if (!button || button.dataset.told) return;
      event.stopPropagation();
      const heads = await showOutside(button.parentElement.querySelector("[data-outside]")).catch(() => []);
      button.dataset.confirm = [button.dataset.without, ...heads].join("\n");
      button.dataset.told = "yes";
      button.click();
      delete button.dataset.told;
    },
    { capture: true },
  );

  // Hours are looked at as they are set: who would be outside stands there before they are written.
  document.addEventListener("change", ({ target }) => {
    const ask = target.form?.querySelector("[data-outside]");
    if (!ask || !target.form.checkValidity()) return;
    clear(target.form);
    showOutside(ask).catch(() => {});
  });

  document.addEventListener("click", async ({ target }) => {
    const hours = target.closest("[data-outside]");
    if (hours && (hours.form?.reportValidity() ?? true)) {
      await showOutside(hours).catch((refusal) => callboard.toast(callboard.told(refusal), { kind: "bad" }));
    }
    const ask = target.closest("[data-impact]");
    if (ask) {
      await showHits(ask.form, ask.dataset.impact).catch((refusal) =>
        callboard.toast(callboard.told(refusal), { kind: "bad" }),
      );
    }
    const again = target.closest("[data-replan]");
    if (again) {
      again.form.elements.namedItem("re_plan").checked = true;
      again.form.requestSubmit();
    }
  });

  document.addEventListener("callboard:refused", (event) => {
    const { target, detail } = event;
    const again = target.querySelector?.(".again");
    if (!again || detail.problem?.code !== "conflicts") return;
    again.hidden = false;
    const ask = target.querySelector("[data-impact]");
    const hours = target.querySelector("[data-outside]");
    event.preventDefault();
    callboard.say(again.querySelector("p").textContent);
    // The list of whom it hits says more than the refusal does.
    (hours ? showOutside(hours) : showHits(target, ask.dataset.impact))
      .then(() => again.scrollIntoView({ block: "nearest" }))
      .catch(() => callboard.toast(callboard.told(event.detail), { kind: "bad" }));
  });

  document.addEventListener("callboard:done", (event) => {
    const { target, detail } = event;
    if (!(target instanceof HTMLFormElement)) return;
    clear(target);
    const { hit = [], changes = [] } = detail.data ?? {};
    if (!hit.length) return;
    const words = target.dataset.hits.replace("{hit}", hit.length).replace("{changes}", changes.length);
    callboard.toast(words, { seconds: 20 });
    // The row says which changes it opened; of several the first.
    if (target.dataset.then !== "close") return;
    event.preventDefault();
    const { id } = detail.data.items?.[0] ?? detail.data;
    callboard.openPanel(`/admin/${target.dataset.send.split("/")[3]}/${id}`);
  });

  // ---- roles ----------------------------------------------------------------------------------------

  // A role that is chosen but not added would seem to be saved with the rest: its own row says that it is not.
  document.addEventListener(
    "submit",
    async (event) => {
      if (!event.target.matches(".row-page > form")) return;
      const begun = [...event.target.parentElement.querySelectorAll("[data-unadded]")].find(callboard.isDirty);
      if (!begun) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const { showProblems } = await import(document.body.dataset.forms);
      const { name } = [...begun.elements].find((field) => field.name !== "q" && field.value);
      showProblems(begun, { problem: { errors: [{ path: name, message: begun.dataset.unadded }] } });
    },
    { capture: true },
  );

  // ---- what was done is said and seen ----------------------------------------------------------------

  document.addEventListener("callboard:done", ({ target, detail }) => {
    if (target.dataset.toast && !detail.data?.hit?.length) callboard.toast(target.dataset.toast);
    if (!("head" in target.dataset)) return;
    // What comes in its place is another act: the heading has the focus.
    const root = target.closest("#panel") ?? document.getElementById("content");
    const headed = () => {
      const head = root.querySelector("h1");
      head.tabIndex = -1;
      head.focus();
    };
    document.addEventListener("callboard:refreshed", headed, { once: true });
  });

  document.addEventListener(
    "click",
    (event) => {
      if (event.target.closest("button[aria-disabled=true]")) event.stopPropagation();
    },
    { capture: true },
  );

  // ---- a way in: a password and a link that are shown once --------------------------------------------

  let handed = null;

  /** Shows what was handed, also after the page was shown anew: it can't be asked for again. */
  function hand() {
    const box = document.getElementById("way-in");
    if (!handed || box?.dataset.of !== handed.of) return;
    document.getElementById("has-password").hidden = true;
    if (!box.children.length) box.append(...handed.nodes);
  }

  async function wayIn(button) {
    const { sure, wayIn: href } = button.dataset;
    if (sure && !(await callboard.ask(sure, { act: button.textContent, careful: true }))) return;
    const { of } = document.getElementById("way-in").dataset;
    const answer = await fetch(href, { method: "POST", headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok) return callboard.toast(callboard.word("failed"), { kind: "bad" });
    const made = new DOMParser().parseFromString(await answer.text(), "text/html");
    handed = { of, nodes: [...made.body.children].map((each) => document.adoptNode(each)) };
    document.getElementById("way-in")?.replaceChildren();
    hand();
  }

  async function copy(button) {
    const field = button.parentElement.querySelector("input, textarea");
    field.select();
    // Only a page that came over TLS, or from this machine, has the clipboard.
    if (navigator.clipboard) await navigator.clipboard.writeText(field.value);
    else document.execCommand("copy");
    callboard.toast(button.dataset.copy);
  }

  document.addEventListener("click", ({ target }) => {
    const button = target.closest("[data-way-in], [data-copy]");
    if (button) (button.dataset.wayIn ? wayIn : copy)(button);
  });

  document.addEventListener("callboard:refreshed", () => {
    hand();
    const note = document.querySelector("#way-in .roleless");
    if (note) note.hidden = !document.querySelector("#roles .roleless");
  });
  document.addEventListener("close", ({ target }) => target.id === "panel" && (handed = null), { capture: true });

  // ---- progress --------------------------------------------------------------------------------------

  let polling = false;

  /** Looks at what runs until it is over, then at the whole page once. */
  async function poll() {
    if (polling) return;
    polling = true;
    try {
      let run = document.querySelector("#run[data-poll]");
      while (run) {
        await callboard.pause(POLL_MS);
        await htmx.ajax("GET", run.dataset.poll, { target: "#run", swap: "outerHTML" });
        run = document.querySelector("#run[data-poll]");
        if (!run) await callboard.refresh();
      }
    } finally {
      polling = false;
    }
  }

  document.addEventListener("callboard:refreshed", poll);
  poll();
})();
