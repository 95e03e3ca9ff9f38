// A show that is being moved, by pointer or by keys: where it would be, and who would be in its way. What is
// on the board is looked at here, at once; all else (hosts, turnarounds, other days) the server is asked.
"use strict";

board.carrying = (() => {
  const ASK_AFTER_MS = 180;
  const EDGE = 5;
  let current = null;

  const { word } = board;

  // ---- who is where -----------------------------------------------------------------------------------

  /** What stands in a row, without one show; closures stand there too, and what others have booked. */
  function standing(row, id) {
    const found = [];
    for (const each of board.trackOf(row).children) {
      const isBar = each.classList.contains("bar");
      if (each.dataset.s === undefined || (isBar && board.idOf(each) === id)) continue;
      if (each.classList.contains("cancelled")) continue;
      const start = Number(each.dataset.s);
      const told = isBar ? word("clashes", { name: board.nameOf(each) }) : each.ariaLabel;
      found.push({ start, end: start + Number(each.dataset.d), told, element: each });
    }
    return found;
  }

  /** Who is in the way at these minutes of a row. Each row is read once a drag. */
  function hits(row, start, minutes) {
    if (!row.dataset.row) return [];
    const { index, bar } = current;
    if (!index.has(row)) index.set(row, standing(row, bar && board.idOf(bar)));
    return index.get(row).filter((each) => each.start < start + minutes && start < each.end);
  }

  function mark(found) {
    for (const each of current.marked) each.element.classList.remove("hit");
    for (const each of found) each.element.classList.add("hit");
    current.marked = found;
  }

  // ---- lifting, moving, putting down ------------------------------------------------------------------

  /** Why a show may not be taken up, in words; "" where it may. */
  function why(bar) {
    if (bar.classList.contains("sent")) return word("why_sent");
    return bar.dataset.m && bar.dataset.m !== "change" ? word(`why_${bar.dataset.m}`) : "";
  }

  /** Why nothing is done on a board that isn't that of now, in words; "" on that of now. */
  function whyPast() {
    const past = document.querySelector(".board-past");
    return past ? word(past.querySelector("input") ? "why_past" : "why_compared") : "";
  }

  /** Takes a show up. The answer is what `to` moves and `down` or `back` ends. */
  function lift(bar, className) {
    const from = { row: board.rowOf(bar), start: board.startOf(bar), minutes: board.minutesOf(bar) };
    const ghost = Object.assign(document.createElement("div"), { className: "from" });
    board.put(ghost, from.start, from.minutes);
    ghost.style.top = bar.style.top || "1px";
    ghost.style.height = bar.style.height || "calc(100% - 4px)";
    board.trackOf(from.row).append(ghost);
    bar.classList.add(className);
    const show = callboard.send("GET", `/api/v1/shows/${board.idOf(bar)}`).then(({ data }) => data);
    // A refusal is told when the show is put down; until then nobody waits for it.
    show.catch(() => {});
    current = { bar, className, from, ghost, show, ...from, index: new Map(), marked: [], hits: [], findings: null };
    return current;
  }

  /** Drafting on empty space: like a show, without one. */
  function draft(row, start, minutes) {
    const ghost = Object.assign(document.createElement("div"), { className: "drafting" });
    board.trackOf(row).append(ghost);
    current = { bar: null, ghost, row, start, minutes, index: new Map(), marked: [], hits: [], findings: null };
    to(current, { row, start, minutes });
    return current;
  }

  /** Puts a bar into a row. One that keeps the focus on the way spares the page a new look at all its styles. */
  function into(row, bar) {
    const track = board.trackOf(row);
    if (track.moveBefore && bar.isConnected) track.moveBefore(bar, null);
    else track.append(bar);
  }

  /** Holds the show here: {row, start, minutes}. */
  function to(carry, place) {
    const held = carry.bar ?? carry.ghost;
    // Some of it stays in sight: where days end whose names are known.
    place.start = Math.max(EDGE - place.minutes, Math.min(board.grid.total - EDGE, place.start));
    if (place.row !== carry.row) {
      carry.row.classList.remove("over");
      into(place.row, held);
      place.row.classList.toggle("over", place.row !== carry.from?.row);
    }
    Object.assign(carry, place, { findings: null });
    if (carry.bar) board.place(carry.bar, place);
    else board.put(carry.ghost, place.start, place.minutes);
    carry.hits = hits(carry.row, carry.start, carry.minutes);
    mark(carry.hits);
    if (carry.bar) askSoon(carry);
  }

  function end(carry) {
    clearTimeout(carry.asking);
    mark([]);
    carry.ghost.remove();
    carry.row.classList.remove("over");
    carry.bar?.classList.remove(carry.className);
    current = null;
  }

  /** Leaves the show where it is held, for now: the server has not decided. */
  function down(carry) {
    end(carry);
    return carry;
  }

  /** Puts the show back where it came from. */
  function back(carry) {
    if (current === carry) end(carry);
    if (!carry.bar) return;
    board.trackOf(carry.from.row).append(carry.bar);
    board.place(carry.bar);
  }

  const isMoved = ({ from, row, start, minutes }) =>
    from.row !== row || from.start !== start || from.minutes !== minutes;

  // ---- what the API is told ---------------------------------------------------------------------------

  /** The fields of the show that differ here, as the API names them. */
  async function changes(carry) {
    const { from, row, start, minutes } = carry;
    const fields = {};
    if (start !== from.start) fields.start = board.instant(start);
    if (start + minutes !== from.start + from.minutes) fields.end = board.instant(start + minutes);
    if (row !== from.row && board.grid.view === "rooms") fields.room_id = row.dataset.row || null;
    if (row !== from.row && board.grid.view === "creators") {
      const { creators } = await carry.show;
      const others = creators.filter((each) => each !== from.row.dataset.row);
      fields.creators = [...new Set([...others, row.dataset.row].filter(Boolean))];
    }
    return fields;
  }

  function askSoon(carry) {
    clearTimeout(carry.asking);
    carry.asking = setTimeout(async () => {
      const { row, start, minutes } = carry;
      const isStill = () => current === carry && row === carry.row && start === carry.start && minutes === carry.minutes;
      try {
        const findings = isMoved(carry) ? await callboard.check(await carry.show, await changes(carry)) : [];
        if (!isStill()) return;
        carry.findings = findings;
        if (findings.length && !isBad(carry)) mark([]);
        carry.told?.();
      } catch {
        // The drop will say what is wrong.
      }
    }, ASK_AFTER_MS);
  }

  // ---- in words ---------------------------------------------------------------------------------------

  const isBlock = (finding) => finding.severity === "block";

  /** Of findings those that are told: what is in the way, or else who wants the same. */
  const worst = (findings) => (findings.some(isBlock) ? findings.filter(isBlock) : findings);

  /** Whether it may not be put here: as the server says, until then by what stands in the row. */
  const isBad = ({ hits: met, findings }) => (findings?.length ? findings.some(isBlock) : met.length > 0);

  /** What somebody did to a show last: in words as `text`, or `there` of one in the way; with its `version`. */
  const touched = async (id) => (await callboard.send("GET", `/board/touched?show=${id}`)).data;

  document.addEventListener("callboard:change", async ({ detail }) => {
    const carry = current;
    if (!carry?.bar || !detail.shows.includes(board.idOf(carry.bar))) return;
    const { text, version } = await touched(board.idOf(carry.bar)).catch(() => ({}));
    if (!(version > board.history.seen(board.idOf(carry.bar), carry.bar.dataset.v)) || current !== carry) return;
    carry.news = text;
    carry.told?.();
  });

  /** Where the show is held and who is in its way, line by line; that it is free only where the server says so. */
  function words(carry) {
    const { row, start, minutes, findings } = carry;
    const place = `${board.when(start, minutes)}, ${board.rowName(row)}`;
    const isPast = start < Date.now() / 60_000 - board.grid.epoch / 60;
    const where = [place, isPast && board.words.conflict_in_the_past, carry.news].filter(Boolean).join("\n");
    if (findings?.length) return `${where}\n${callboard.reasons(worst(findings))}`;
    if (carry.hits.length) return `${where}\n${carry.hits[0].told}`;
    return findings ? `${where}\n${word("free")}` : where;
  }

  return {
    why, whyPast, lift, draft, to, down, back, isMoved, changes, words, isBlock, worst, isBad, touched,
    get current() {
      return current;
    },
  };
})();

/** A note at the pointer, which reads no layout: it hangs from the side that has room. */
board.tip = (() => {
  const note = () => document.getElementById("board-tip");

  function show(x, y, text, bad = false) {
    const box = note();
    if (box.textContent !== text) box.textContent = text;
    box.hidden = false;
    box.classList.toggle("bad", bad);
    const across = x > innerWidth * 0.6 ? `calc(${x - 14}px - 100%)` : `${x + 14}px`;
    const down = y > innerHeight * 0.75 ? `calc(${y - 10}px - 100%)` : `${y + 16}px`;
    box.style.transform = `translate(${across}, ${down})`;
  }

  const hide = () => (note().hidden = true);
  return { show, hide };
})();
