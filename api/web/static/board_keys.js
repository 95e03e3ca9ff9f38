// The board by keys: from show to show, and everything that the pointer does. Each step is said aloud.
// Single keys mean something only on the board, not while somebody types or a dialog asks.
"use strict";

(() => {
  const SNAP = 15;
  const FINE = 5;
  const NEW_MINUTES = 120;
  const { word, carrying } = board;

  /** The show that is moved by keys. */
  let carry = null;

  // ---- from show to show ------------------------------------------------------------------------------

  const middle = (bar) => board.startOf(bar) + board.minutesOf(bar) / 2;
  const shown = (row) => [...row.querySelectorAll(".bar:not(.hidden, .dim)")];

  function beside(bar, step) {
    const inRow = shown(board.rowOf(bar)).sort((a, b) => board.startOf(a) - board.startOf(b));
    return inRow[inRow.indexOf(bar) + step];
  }

  /** The show in the next row that has one, nearest in time. */
  function across(bar, step) {
    const rows = board.rows();
    const wanted = middle(bar);
    for (let at = rows.indexOf(board.rowOf(bar)) + step; rows[at]; at += step) {
      const found = shown(rows[at]).sort((a, b) => Math.abs(middle(a) - wanted) - Math.abs(middle(b) - wanted));
      if (found.length) return found[0];
    }
    return null;
  }

  const NEIGHBOURS = {
    ArrowLeft: (bar) => beside(bar, -1),
    ArrowRight: (bar) => beside(bar, 1),
    ArrowUp: (bar) => across(bar, -1),
    ArrowDown: (bar) => across(bar, 1),
  };

  // ---- moving -------------------------------------------------------------------------------------------

  function lift(bar) {
    const why = carrying.why(bar);
    if (why) {
      return callboard.toast(why);
    }
    carry = carrying.lift(bar, "keyed");
    carry.told = () => carry && tell();
    callboard.say(word("moving", { name: board.nameOf(bar) }));
  }

  /** Where the show would be after this key; null for another key. */
  function wanted({ key, altKey, shiftKey }) {
    const { row, start, minutes } = carry;
    const step = altKey ? FINE : SNAP;
    const rows = board.rows();
    switch (key) {
      case "ArrowLeft":
      case "ArrowRight": {
        const by = key === "ArrowRight" ? step : -step;
        return shiftKey ? { row, start, minutes: Math.max(step, minutes + by) } : { row, start: start + by, minutes };
      }
      case "ArrowUp":
        return { row: rows[rows.indexOf(row) - 1] ?? row, start, minutes };
      case "ArrowDown":
        return { row: rows[rows.indexOf(row) + 1] ?? row, start, minutes };
      default:
        return null;
    }
  }

  function move(place) {
    carrying.to(carry, place);
    carry.bar?.focus({ preventScroll: true });
    (carry.bar ?? carry.ghost).scrollIntoView({ block: "nearest", inline: "nearest" });
    tell();
  }

  /** Says where the show is held, below it and aloud. */
  function tell() {
    const box = (carry.bar ?? carry.ghost).getBoundingClientRect();
    board.tip.show(box.left, box.bottom, carrying.words(carry), carrying.isBad(carry));
    callboard.say(carrying.words(carry));
  }

  function end(commit) {
    const done = carry;
    carry = null;
    board.tip.hide();
    if (!done.bar) {
      carrying.down(done);
      if (commit) board.commands.draft(done.row, done.start, done.minutes);
    } else if (commit && carrying.isMoved(done)) return board.commands.drop(carrying.down(done));
    else {
      carrying.back(done);
      board.focus(done.bar);
      callboard.say(word("back"));
    }
    document.dispatchEvent(new CustomEvent("board:free"));
  }

  /** A key while a show is held. Answers whether it meant something. */
  function whileMoving(event) {
    // A show that is held and loses the focus goes back: nobody else could put it down.
    if (event.key === "Tab" || (carry.bar && !event.target.matches("body, #board, #board *"))) {
      end(false);
      return false;
    }
    if (event.key === "Escape") end(false);
    else if (event.key === "Enter") end(true);
    else {
      const place = wanted(event);
      if (place) move(place);
      return Boolean(place);
    }
    return true;
  }

  // ---- single keys --------------------------------------------------------------------------------------

  /** A show to be is held after the one in focus, else in the first row at the first hour that is seen. */
  function draft(bar) {
    if (!board.grid.plans) return callboard.say(carrying.whyPast() || word("why_look"));
    const row = bar ? board.rowOf(bar) : board.rows()[0];
    if (!row) return board.commands.draft(null);
    const start = bar ? board.startOf(bar) + board.minutesOf(bar) : board.commands.inSight();
    carry = carrying.draft(row, start, NEW_MINUTES);
    move({ row, start, minutes: NEW_MINUTES });
    callboard.say(word("drafting"));
  }

  function nextConflict(bar) {
    const found = [...board.root().querySelectorAll(".bar:is(.clash, .warn):not(.hidden, .dim)")];
    if (!found.length) return callboard.say(word("no_conflict"));
    board.focus(found[(found.indexOf(bar) + 1) % found.length], { scroll: "center" });
  }

  const SINGLE = {
    m: (bar) => bar && lift(bar),
    n: draft,
    c: nextConflict,
    t: () => board.toNow(),
    "+": () => board.zoomBy(1.4),
    "=": () => board.zoomBy(1.4),
    "-": () => board.zoomBy(1 / 1.4),
    0: () => board.zoom(0),
    "/": () => document.getElementById("board-q").focus(),
    "?": () => document.getElementById("board-help").showModal(),
  };

  function onBar(event, bar) {
    if (NEIGHBOURS[event.key]) board.focus(NEIGHBOURS[event.key](bar));
    else if (event.key === "Enter" || event.key === " ") board.open(bar);
    else return false;
    return true;
  }

  function single(event, bar) {
    const run = SINGLE[event.key.toLowerCase()];
    run?.(bar);
    return Boolean(run);
  }

  function turn({ key, shiftKey }) {
    const isRedo = key.toLowerCase() === "y" || shiftKey;
    if (!["z", "y"].includes(key.toLowerCase())) return false;
    const why = carrying.whyPast();
    if (why) callboard.toast(why);
    else board.history[isRedo ? "redo" : "undo"]();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    const { target } = event;
    if (target.matches("input, select, textarea, [contenteditable]")) return;
    if (document.querySelector("dialog:modal")) return;
    const isUndo = (event.ctrlKey || event.metaKey) && !carry;
    if (target.closest("dialog") && !isUndo) return;
    const bar = target.closest("#board .bar");
    let meant;
    if (carry) meant = whileMoving(event);
    else if (isUndo) meant = turn(event);
    else if (event.altKey) meant = false;
    else meant = (bar && onBar(event, bar)) || single(event, bar);
    if (!meant) return;
    event.preventDefault();
    event.stopPropagation();
  });

  document.addEventListener("pointerdown", () => carry && end(false), { capture: true });

  // From the panel the keys go on at the show, though its bar may be another element by now.
  document.getElementById("panel").addEventListener("close", () =>
    setTimeout(() => {
      if (document.activeElement !== document.body) return;
      board.focus(board.root().querySelector('.bar[tabindex="0"]'), { scroll: null });
    }),
  );

  document.addEventListener("focusin", ({ target }) => {
    if (target.matches("#board .bar")) board.rove(target);
    else if (target.id === "board") board.focus(board.root().querySelector('.bar[tabindex="0"]'));
  });
})();
