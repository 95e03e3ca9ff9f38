// The board by pointer: drag a show to move it, its edge to resize it, empty space to draft one. Geometry is
// read once when a drag begins; while it lasts nothing asks the browser for layout.
"use strict";

(() => {
  const SNAP = 15;
  const FINE = 5;
  const EDGE_PX = 7;
  const THRESHOLD_PX = 4;
  const SCROLL_ZONE_PX = 40;
  const LONG_MS = 350;
  const FINGER_PX = 10;
  const { carrying, tip } = board;

  /** The press that may become a drag, and the drag. */
  let press = null;

  const snapped = (minute, step) => Math.round(minute / step) * step;

  /** Which edge of a bar is here: "start", "end" or "". */
  function edgeAt(bar, offset, wide = EDGE_PX) {
    if (carrying.why(bar)) return "";
    const width = board.minutesOf(bar) * board.perMinute;
    // Of a bar that is narrow most is there to move it by.
    const edge = Math.min(wide, width / 4);
    if (width - offset < edge) return "end";
    return offset < edge ? "start" : "";
  }

  /** All that a drag asks of the page, once. */
  function measured() {
    const root = board.root();
    const box = root.getBoundingClientRect();
    const rows = board.rows().map((row) => ({ row, top: row.offsetTop + row.offsetParent.offsetTop, height: row.offsetHeight }));
    const left = root.querySelector(".corner").offsetWidth;
    return { box, rows, left, scrollLeft: root.scrollLeft, scrollTop: root.scrollTop };
  }

  /** Beyond the window the pointer is at its edge. */
  const minuteAt = ({ at, x }) =>
    (Math.max(at.box.left + at.left, Math.min(at.box.right, x)) - at.box.left - at.left + at.scrollLeft) / board.perMinute;

  function rowAt({ at, y }) {
    const inside = y - at.box.top + at.scrollTop;
    return at.rows.find(({ top, height }) => inside >= top && inside < top + height)?.row;
  }

  // ---- from press to drag -------------------------------------------------------------------------------

  document.addEventListener("pointerdown", (event) => {
    const row = event.target.closest?.("#board .row[data-row]");
    // A second finger pinches.
    if (press && !press.carry) letGo();
    if (!row || press || event.button !== 0 || carrying.current || event.target.closest(".name, .shut")) return;
    const bar = event.target.closest(".bar");
    const isFinger = event.pointerType === "touch";
    const edge = bar ? edgeAt(bar, event.offsetX + bar.clientLeft, isFinger ? 2 * EDGE_PX : EDGE_PX) : "";
    const { clientX: x, clientY: y, pointerId: id } = event;
    press = { bar, row, edge, id, x, y, x0: x, y0: y, carry: null, fine: event.altKey, isFinger };
    if (isFinger) press.long = setTimeout(begin, LONG_MS);
  });

  function letGo() {
    clearTimeout(press?.long);
    press = null;
  }

  // A finger that moves scrolls; one that has waited has taken the show up.
  board.root().addEventListener("touchmove", (event) => press?.carry && event.preventDefault(), { passive: false });
  document.addEventListener("contextmenu", (event) => press?.isFinger && event.preventDefault());

  function begin() {
    const { bar, row, edge } = press;
    press.refused = bar ? carrying.why(bar) : board.grid.plans ? "" : carrying.whyPast() || board.word("why_look");
    if (press.refused) return tip.show(press.x, press.y, press.refused, true);
    press.at = measured();
    board.root().setPointerCapture(press.id);
    document.body.classList.add(edge || !bar ? "resizing" : "dragging");
    const origin = { at: press.at, x: press.x0 };
    press.grip = minuteAt(origin);
    if (bar) {
      board.rove(bar);
      press.carry = carrying.lift(bar, "drag");
    } else {
      press.grip = snapped(press.grip - SNAP / 2, SNAP);
      press.carry = carrying.draft(row, press.grip, SNAP);
    }
    press.carry.told = tell;
    tell();
    requestAnimationFrame(scrollAlong);
  }

  document.addEventListener("pointermove", (event) => {
    if (!press) return hover(event);
    if (event.pointerId !== press.id) return;
    Object.assign(press, { x: event.clientX, y: event.clientY, fine: event.altKey });
    if (press.refused) return tip.show(press.x, press.y, press.refused, true);
    if (!press.carry) {
      if (Math.hypot(press.x - press.x0, press.y - press.y0) < (press.isFinger ? FINGER_PX : THRESHOLD_PX)) return;
      if (press.isFinger) return letGo();
      begin();
      if (press.refused) return;
    }
    step();
  }, { passive: true });

  /** Where the show would be under the pointer. */
  function wanted() {
    const { carry, edge, bar, grip, fine } = press;
    const step = fine ? FINE : SNAP;
    const minute = minuteAt(press);
    if (!bar) {
      const other = snapped(minute, step);
      const start = Math.min(grip, other);
      return { row: carry.row, start, minutes: Math.max(step, Math.abs(other - grip)) };
    }
    const { start, minutes } = carry.from;
    const end = start + minutes;
    if (edge === "end") {
      return { row: carry.row, start, minutes: Math.max(step, snapped(end + minute - grip, step) - start) };
    }
    if (edge === "start") {
      const begins = Math.min(snapped(start + minute - grip, step), end - step);
      return { row: carry.row, start: begins, minutes: end - begins };
    }
    return { row: rowAt(press) ?? carry.row, start: snapped(start + minute - grip, step), minutes };
  }

  function step() {
    const { carry } = press;
    const place = wanted();
    const same = place.row === carry.row && place.start === carry.start && place.minutes === carry.minutes;
    if (!same) carrying.to(carry, place);
    tell();
  }

  function tell() {
    if (press?.carry) tip.show(press.x, press.y, carrying.words(press.carry), carrying.isBad(press.carry));
  }

  /** Near the edges of the board it scrolls along. */
  function scrollAlong() {
    if (!press?.carry) return;
    const { at, x, y } = press;
    const speed = (value, low, high) =>
      value < low + SCROLL_ZONE_PX ? value - low - SCROLL_ZONE_PX : Math.max(0, value - high + SCROLL_ZONE_PX);
    const across = Math.max(-24, Math.min(24, speed(x, at.box.left + at.left, at.box.right) / 2));
    const down = press.edge || !press.bar ? 0 : Math.max(-18, Math.min(18, speed(y, at.box.top + 46, at.box.bottom) / 2));
    if (across || down) {
      const root = board.root();
      root.scrollBy(across, down);
      Object.assign(at, { scrollLeft: root.scrollLeft, scrollTop: root.scrollTop });
      step();
    }
    requestAnimationFrame(scrollAlong);
  }

  // ---- the end of it ------------------------------------------------------------------------------------

  function finish(commit) {
    const done = press;
    letGo();
    if (!done) return;
    tip.hide();
    rested = true;
    document.body.classList.remove("dragging", "resizing");
    const { carry, bar } = done;
    if (!carry) {
      if (commit && bar && !done.refused) board.open(bar);
      return;
    }
    if (commit && !bar) {
      carrying.down(carry);
      board.commands.draft(carry.row, carry.start, carry.minutes);
    } else if (commit && carrying.isMoved(carry)) {
      board.commands.drop(carrying.down(carry));
    } else {
      carrying.back(carry);
      document.dispatchEvent(new CustomEvent("board:free"));
    }
  }

  document.addEventListener("pointerup", (event) => press?.id === event.pointerId && finish(true));
  document.addEventListener("pointercancel", (event) => press?.id === event.pointerId && finish(false));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !press) return;
    event.stopImmediatePropagation();
    finish(false);
  }, { capture: true });

  // ---- without a button pressed: edges, and what a bar too small for words says ---------------------------

  let waiting = 0;
  let edged = null;
  /** After a drop, until the pointer moves: what the board puts under it then is no question. */
  let rested = false;

  function hover(event) {
    rested = false;
    const bar = event.target.closest?.("#board .bar");
    const next = bar && edgeAt(bar, event.offsetX + bar.clientLeft) ? bar : null;
    if (edged !== next) edged?.classList.remove("edge");
    next?.classList.add("edge");
    edged = next;
  }

  document.addEventListener("pointerover", (event) => {
    clearTimeout(waiting);
    if (press || rested || carrying.current) return;
    const bar = event.target.closest?.("#board .bar");
    if (!bar) return tip.hide();
    waiting = setTimeout(() => {
      const isCovered = document.getElementById("board-way").open;
      if (!press && !rested && !carrying.current && !isCovered && bar.isConnected) {
        tip.show(event.clientX, event.clientY, bar.ariaLabel.replaceAll(/, |; /g, "\n"), bar.classList.contains("clash"));
      }
    }, 450);
  });
})();
