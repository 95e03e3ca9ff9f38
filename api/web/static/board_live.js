// The board stays as it is on the server: after our commands and after others'. The rows around the shows that
// changed are fetched anew, or the page where more did; only what differs is put in, bar by bar, so that focus,
// scroll and places stay. While a show is held it waits.
"use strict";

(() => {
  const SETTLE_MS = 60;
  const MOST_SHOWS = 60;
  const PARTS = ["board-conflicts", "board-legend", "board-nothing", "board-rooms"];
  let isFetching = false;
  let isStale = false;
  let waiting = 0;
  /** Whether each show is another studio's. */
  const shows = new Map();
  const rooms = new Set();

  /** Asks once what goes on has settled; once at a time. */
  function soon() {
    clearTimeout(waiting);
    waiting = setTimeout(fetchAnew, SETTLE_MS);
  }

  /** While a show is in hand, or on its way to the server, nothing moves. */
  const isHeld = () => board.carrying.current || board.root().querySelector(".bar.sent");

  /** Something changed: around these shows, with `carry` one that was moved here, or who knows what. */
  function heard({ detail }) {
    const { alters, studios, schedules } = detail ?? {};
    const isHere = ({ id }) => id === null || schedules.some((each) => each.endsWith(id));
    if (alters === "nothing" || (alters === "plans" && !board.grid.facts.plans.some(isHere))) return;
    const around = ["all", "plans"].includes(alters) ? [] : (detail?.shows ?? []);
    for (const id of around) shows.set(id, studios?.includes(board.grid.studio) === false);
    if (detail?.carry?.bar.isConnected) {
      const { bar, row, from } = detail.carry;
      const before = roomsBy(bar, from.start, from.start + from.minutes);
      for (const room of [from.row.dataset.row, row.dataset.row, ...before]) rooms.add(room);
    }
    isStale ||= !around.length || shows.size > MOST_SHOWS || !board.root().dataset.rows;
    soon();
  }

  const isBehind = () => isStale || shows.size > 0 || rooms.size > 0;

  async function fetchAnew() {
    if (isFetching || !isBehind()) return;
    if (isHeld() || document.hidden) return;
    isFetching = true;
    const asked = isStale ? null : roomsAround();
    const href = isStale ? location.href : rowsAt(asked);
    isStale = false;
    shows.clear();
    rooms.clear();
    try {
      const answer = await fetch(href, { headers: { "HX-Request": "true", Accept: "text/html" } });
      if (answer.redirected) return callboard.sessionEnded();
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (isHeld() || isOlder(fresh)) isStale = true;
      else if (asked) mergeRows(fresh, asked);
      else merge(fresh);
    } catch {
      isStale = true;
      await callboard.pause(1_000);
    } finally {
      isFetching = false;
      if (isBehind() && !isHeld()) soon();
    }
  }

  let wasOlder = false;

  /** Whether an answer is older than what a command of ours did meanwhile; the next one is taken as it is. */
  function isOlder(fresh) {
    const isPast = document.querySelector(".board-past");
    wasOlder = !wasOlder && !isPast && [...fresh.querySelectorAll(".bar")].some(({ id, dataset }) => {
      const known = document.getElementById(id);
      return known && Number(dataset.v) < board.history.seen(board.idOf(known), known.dataset.v);
    });
    return wasOlder;
  }

  // ---- which rows -----------------------------------------------------------------------------------------

  const creatorsOf = (bar) => bar.dataset.c?.split(" ") ?? [];
  const endOf = (bar) => board.startOf(bar) + board.minutesOf(bar);
  const roomOf = (bar) => board.rowOf(bar).dataset.row;
  const roomsOf = (meets) => [...board.bars()].filter(meets).map(roomOf);

  /** The rooms that a show at this place alters: its own, and those of shows that want one of its creators then. */
  function roomsBy(bar, start = board.startOf(bar), end = endOf(bar)) {
    const creators = creatorsOf(bar);
    const wants = (other) => creatorsOf(other).some((each) => creators.includes(each));
    const meets = (other) => board.startOf(other) < end && endOf(other) > start && wants(other);
    return [roomOf(bar), ...(creators.length ? roomsOf(meets) : [])];
  }

  /** The rooms that changes of these shows alter, as far as the page knows. The server adds where they are now. */
  function roomsAround() {
    const found = new Set(rooms);
    for (const [id, isElsewhere] of shows) {
      const bar = document.getElementById(id);
      const far = isElsewhere ? (other) => /creator_/.test(other.dataset.x) : isAtEdge;
      for (const room of bar ? roomsBy(bar) : roomsOf(far)) found.add(room);
    }
    return found;
  }

  /** Whether something before or behind the board may be in the way of a show: rooms are held longer than shows are. */
  function isAtEdge(bar) {
    if (!/room_|turnaround/.test(bar.dataset.x)) return false;
    const { lead = 0, turnaround = 0 } = board.rowOf(bar).dataset;
    const held = Number(lead) + Number(turnaround);
    return board.startOf(bar) < held || endOf(bar) > board.grid.total - held;
  }

  function rowsAt(asked) {
    const url = new URL(board.root().dataset.rows, location.href);
    for (const id of shows.keys()) url.searchParams.append("show", id);
    for (const id of asked) url.searchParams.append("room", id);
    return url;
  }

  // ---- putting in what differs ----------------------------------------------------------------------------

  function merge(fresh) {
    const before = board.root();
    const after = fresh.getElementById("board");
    if (!after) return location.reload();
    attributes(before, after, ["data-zoom", "data-tall", "data-tiny", "tabindex"]);
    const focused = focusedId();
    const old = new Map([...before.querySelectorAll(".row[data-row]")].map((row) => [row.id, row]));
    const rows = [...after.querySelector(".rows").children].map((row) =>
      old.has(row.id) ? merged(old.get(row.id), row) : row,
    );
    const container = before.querySelector(".rows");
    arrange(container, rows);
    document.getElementById("board-facts").textContent = fresh.getElementById("board-facts").textContent;
    for (const id of PARTS) replace(document.getElementById(id), fresh.getElementById(id));
    done(focused);
  }

  const focusedId = () => document.activeElement?.closest("#board .bar")?.id;

  function done(focused, bars) {
    board.placeAll(bars);
    if (focused && document.activeElement?.id !== focused) {
      board.focus(document.getElementById(focused), { scroll: null });
    }
    document.dispatchEvent(new CustomEvent("board:merged"));
  }

  /** Puts rows in for those of now; a room that was asked for and has none is gone. */
  function mergeRows(fresh, asked) {
    const focused = focusedId();
    const rows = [...fresh.querySelectorAll(".row")];
    const known = (row) => document.getElementById(row.id);
    // A room that was not there: where its row belongs, the whole board says.
    if (rows.some((row) => row.dataset.row && !known(row))) throw new Error("new row");
    renumber(fresh);
    const drawn = new Set(rows.map((row) => row.dataset.row));
    // What else changed meanwhile is in these rows too. The others that it was in the way of are asked for next.
    for (const bar of board.bars()) {
      const after = fresh.getElementById(bar.id);
      const isGone = !after && asked.has(roomOf(bar));
      if (!isGone && (!after || after.dataset.v === bar.dataset.v)) continue;
      for (const room of roomsBy(bar)) if (!drawn.has(room) && !asked.has(room)) rooms.add(room);
    }
    const now = rows.map((row) => {
      if (known(row)) return merged(known(row), row);
      board.root().querySelector(".rows").append(row);
      return row;
    });
    for (const id of asked) {
      const row = known({ id: `row-${id || "none"}` });
      if (row && !now.includes(row)) row.remove();
    }
    board.zoom(board.perMinute);
    done(focused, now.flatMap((row) => [...row.querySelectorAll(".bar")]));
  }

  /** Bars name their plan and creators by their places in the facts beside them: here by those of the page. */
  function renumber(fresh) {
    const read = (from) => JSON.parse(from.getElementById("board-facts").textContent);
    const facts = read(document);
    const place = (name) => (value) => {
      const at = facts[name].findIndex((each) => JSON.stringify(each) === JSON.stringify(value));
      return at < 0 ? facts[name].push(value) - 1 : at;
    };
    const theirs = read(fresh);
    const plans = theirs.plans.map(place("plans"));
    const creators = theirs.creators.map(place("creators"));
    for (const { dataset } of fresh.querySelectorAll(".bar")) {
      if (dataset.p) dataset.p = plans[dataset.p];
      if (dataset.c) dataset.c = dataset.c.split(" ").map((each) => creators[each]).join(" ");
    }
    document.getElementById("board-facts").textContent = JSON.stringify(facts);
  }

  /** A row of now with what it holds after: bars that are the same stay the elements that they are. */
  function merged(row, after) {
    replace(row.querySelector(".name"), after.querySelector(".name"));
    const track = board.trackOf(row);
    const wanted = [...board.trackOf(after).children].map((each) => {
      const known = each.id && document.getElementById(each.id);
      if (!known) return each;
      attributes(known, each, ["style", "role", "tabindex", "aria-label", "aria-current", "data-more", "data-less", "data-brief"]);
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

  for (const name of ["callboard:change", "callboard:refreshed", "board:stale"]) document.addEventListener(name, heard);
  document.addEventListener("board:free", () => isBehind() && soon());
  // Of others' bookings a client's users hear nothing: they see them once the log has moved, and on coming back.
  const bounded = () => board.root().dataset.bounded !== undefined && heard({});
  document.addEventListener("callboard:position", bounded);
  addEventListener("focus", bounded);
  document.addEventListener("visibilitychange", () => !document.hidden && (bounded(), isBehind()) && soon());
})();
