// Other looks at the same board: as a list where rows have no room (on a phone, or several days on paper), and as
// it was at another moment.
"use strict";

(() => {
  const narrow = matchMedia("(max-width: 700px)");
  const paper = matchMedia("print");
  const agenda = document.getElementById("board-agenda");

  // ---- the agenda ---------------------------------------------------------------------------------------

  const isWanted = () => (paper.matches ? document.querySelectorAll(".days .day").length > 1 : narrow.matches);

  /** An entry for each show that is not filtered away, by time and row: what the bar says, in lines. */
  function list() {
    if (!isWanted()) return agenda.replaceChildren();
    const shown = new Map();
    for (const bar of board.bars()) {
      // Where a show was is told where that is all there is of it on these days.
      const before = shown.get(board.idOf(bar));
      if (!bar.matches(".hidden, .dim") && (!before || before.matches(".was"))) shown.set(board.idOf(bar), bar);
    }
    const bars = [...shown.values()].sort((a, b) => board.startOf(a) - board.startOf(b));
    let day;
    const items = bars.flatMap((bar) => {
      const before = day;
      day = dayOf(bar);
      return day === before ? [entry(bar)] : [heading(day), entry(bar)];
    });
    if (!bars.length) items.push(agenda.dataset.nothing);
    const entries = document.createElement("ol");
    entries.append(...items);
    // What is the same stays, with the focus in it.
    if (entries.innerHTML === agenda.innerHTML) return;
    const focused = agenda.contains(document.activeElement) && document.activeElement.href;
    agenda.replaceChildren(...entries.childNodes);
    if (focused) entryOf(focused)?.focus({ preventScroll: true });
  }

  const entryOf = (href) => [...agenda.querySelectorAll("a")].find((link) => link.href.endsWith(href));

  document.addEventListener("board:jumped", ({ detail }) => {
    list();
    const link = entryOf(detail);
    link?.scrollIntoView({ block: "center" });
    link?.focus();
  });

  const spanOf = (bar) => board.span(board.startOf(bar), board.minutesOf(bar));
  const dayOf = (bar) => board.when(board.startOf(bar), board.minutesOf(bar)).replace(spanOf(bar), "").trim();

  function heading(day) {
    const item = document.createElement("li");
    item.className = "day";
    item.textContent = day;
    return item;
  }

  const MARKS = ["was", "moved", "added", "changed", "removed"];

  /** How a show differs between two versions, in words. */
  function markOf(bar) {
    const mark = MARKS.find((each) => bar.classList.contains(each));
    if (!mark) return "";
    const differs = JSON.parse(document.getElementById("board-differs").textContent)[board.idOf(bar)];
    const word = board.word(mark === "was" ? "mark_moved" : `mark_${mark}`);
    return differs ? `${word}: ${differs}` : word;
  }

  function entry(bar) {
    const key = [...bar.classList].find((each) => board.words[`status_${each}`]);
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = `/shows/${board.idOf(bar)}`;
    link.dataset.panel = "";
    const mark = Object.assign(document.createElement("span"), { className: "mark", textContent: markOf(bar) });
    link.className = ["entry", key, ...[...MARKS, "clash"].filter((each) => bar.classList.contains(each))].join(" ");
    const when = document.createElement("span");
    when.className = "when";
    when.textContent = spanOf(bar);
    const name = document.createElement("b");
    const rest = document.createElement("span");
    rest.className = "dim";
    const [title, client] = board.linesOf(bar);
    name.textContent = title;
    rest.textContent = [board.roomOf(bar), client, ...board.creatorsOf(bar)].filter(Boolean).join(" · ");
    const state = document.createElement("span");
    state.className = `chip ${key}`;
    state.textContent = board.word(`status_${key}`);
    const notes = document.createElement("em");
    const asked = bar.matches(".pending") ? [board.word("mark_pending")] : [];
    notes.textContent = [...board.conflictsOf(bar), ...asked].join(", ");
    link.append(when, " ", state, " ", name, " ", rest, " ", mark, " ", notes);
    item.append(link);
    return item;
  }

  let isWaiting = false;
  function soon() {
    if (isWaiting || !(isWanted() || agenda.firstChild)) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      list();
    });
  }

  narrow.addEventListener("change", () => {
    board.zoom(board.perMinute);
    list();
  });
  paper.addEventListener("change", list);
  for (const name of ["board:merged", "input", "change", "click"]) document.addEventListener(name, soon);
  list();
  // Not before the browser has looked for it too: it takes the focus away where it doesn't find a bar in sight.
  addEventListener("load", () => board.jump(location.hash.slice(1)));

  // ---- as it was ------------------------------------------------------------------------------------------

  const slider = document.getElementById("board-moment");
  if (!slider) return;
  const moments = JSON.parse(document.getElementById("board-moments").textContent);

  /** Goes to a moment: the address says it, and the board is put in as it was then. */
  function go() {
    const [instant, name] = moments[slider.value];
    slider.ariaValueText = name;
    document.querySelector(".board-past output").textContent = name;
    const url = new URL(location.href);
    url.searchParams.set("as_of", instant);
    history.replaceState(history.state, "", url);
    for (const link of document.querySelectorAll('a[data-keep][href*="as_of="]')) {
      const to = new URL(link.href);
      to.searchParams.set("as_of", instant);
      link.href = to;
    }
    for (const field of document.querySelectorAll(".board-tools [name=as_of]")) field.value = instant;
    document.dispatchEvent(new CustomEvent("board:stale"));
  }

  slider.addEventListener("input", go);
})();
