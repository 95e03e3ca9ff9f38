// Another look at the same board: as a list where rows have no room, on a phone, or several days on paper.
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

  const made = (tag, className, textContent = "") => Object.assign(document.createElement(tag), { className, textContent });

  const heading = (day) => made("li", "day", day);

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
    const marks = [...MARKS, "clash"].filter((each) => bar.classList.contains(each));
    const [title, client] = board.linesOf(bar);
    const asked = bar.matches(".pending") ? [board.word("mark_pending")] : [];
    const parts = [
      made("span", "when", spanOf(bar)),
      made("span", `chip ${key}`, board.word(`status_${key}`)),
      made("b", "", title),
      made("span", "dim", [board.roomOf(bar), client, ...board.creatorsOf(bar)].filter(Boolean).join(" · ")),
      made("span", "mark", markOf(bar)),
      made("em", "", [...board.conflictsOf(bar), ...asked].join(", ")),
    ];
    const link = made("a", ["entry", key, ...marks].join(" "));
    link.href = `/shows/${board.idOf(bar)}`;
    link.dataset.panel = "";
    link.append(...parts.flatMap((part) => [part, " "]));
    const item = made("li", "");
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
})();
