// The board stays as it is on the server: after our commands and after others'. The page is fetched anew and
// only what differs is put in, bar by bar, so that focus, scroll and places stay. While a show is held it waits.
"use strict";

(() => {
  const SETTLE_MS = 60;
  const PARTS = ["board-conflicts", "board-legend", "board-nothing"];
  let isFetching = false;
  let isStale = false;
  let waiting = 0;

  /** Asks for the board once what goes on has settled; once at a time. */
  function soon() {
    isStale = true;
    clearTimeout(waiting);
    waiting = setTimeout(fetchAnew, SETTLE_MS);
  }

  /** While a show is in hand, or on its way to the server, nothing moves. */
  const isHeld = () => board.carrying.current || board.root().querySelector(".bar.sent");

  async function fetchAnew() {
    if (isFetching || !isStale) return;
    if (isHeld() || document.hidden) return;
    isFetching = true;
    isStale = false;
    try {
      const answer = await fetch(location.href, { headers: { "HX-Request": "true", Accept: "text/html" } });
      if (answer.redirected) return callboard.sessionEnded();
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (isHeld()) isStale = true;
      else merge(fresh);
    } catch {
      isStale = true;
      await callboard.pause(1_000);
    } finally {
      isFetching = false;
      if (isStale && !isHeld()) soon();
    }
  }

  // ---- putting in what differs ----------------------------------------------------------------------------

  function merge(fresh) {
    const before = board.root();
    const after = fresh.getElementById("board");
    if (!after) return location.reload();
    const focused = document.activeElement?.closest("#board .bar")?.id;
    attributes(before, after, ["data-zoom", "data-tall", "tabindex"]);
    const old = new Map([...before.querySelectorAll(".row[data-row]")].map((row) => [row.id, row]));
    const rows = [...after.querySelector(".rows").children].map((row) =>
      old.has(row.id) ? merged(old.get(row.id), row) : row,
    );
    const container = before.querySelector(".rows");
    arrange(container, [container.querySelector(".lines"), ...rows.filter((row) => !row.matches(".lines"))]);
    document.getElementById("board-facts").textContent = fresh.getElementById("board-facts").textContent;
    for (const id of PARTS) replace(document.getElementById(id), fresh.getElementById(id));
    board.placeAll();
    if (focused && document.activeElement?.id !== focused) {
      board.focus(document.getElementById(focused), { scroll: null });
    }
    document.dispatchEvent(new CustomEvent("board:merged"));
  }

  /** A row of now with what it holds after: bars that are the same stay the elements that they are. */
  function merged(row, after) {
    replace(row.querySelector(".name"), after.querySelector(".name"));
    const track = board.trackOf(row);
    const wanted = [...board.trackOf(after).children].map((each) => {
      const known = each.id && document.getElementById(each.id);
      if (!known) return each;
      attributes(known, each, ["style", "role", "tabindex", "aria-label", "data-more", "data-less"]);
      if (known.textContent !== each.textContent) known.textContent = each.textContent;
      return known;
    });
    const same = track.children.length === wanted.length && wanted.every((each, index) => track.children[index] === each);
    if (!same) arrange(track, wanted);
    return row;
  }

  /** Puts children in this order and takes the others out, without moving those that are in place. */
  function arrange(track, wanted) {
    const kept = new Set(wanted);
    for (const child of [...track.children]) if (!kept.has(child)) child.remove();
    wanted.forEach((each, index) => {
      if (track.children[index] !== each) track.insertBefore(each, track.children[index] ?? null);
    });
  }

  function attributes(known, after, own) {
    for (const { name } of [...known.attributes]) {
      if (!after.hasAttribute(name) && !own.includes(name)) known.removeAttribute(name);
    }
    for (const { name, value } of after.attributes) {
      if (!own.includes(name) && known.getAttribute(name) !== value) known.setAttribute(name, value);
    }
  }

  function replace(before, after) {
    if (!before || !after || before.isEqualNode(after)) return;
    const isOpen = before.querySelector("details")?.open;
    before.replaceWith(after);
    if (isOpen && after.querySelector("details")) after.querySelector("details").open = true;
  }

  // ---- when ---------------------------------------------------------------------------------------------

  for (const name of ["callboard:change", "callboard:refreshed", "board:stale"]) document.addEventListener(name, soon);
  document.addEventListener("board:free", () => isStale && soon());
  document.addEventListener("visibilitychange", () => !document.hidden && isStale && soon());
})();
