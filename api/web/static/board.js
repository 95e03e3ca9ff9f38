// The board: where everything is. The server laid out every bar in elapsed minutes from the left edge; this
// file puts them in their places, zooms, and says minutes as the studio's clock does. It computes no date.
"use strict";

const board = (() => {
  const MINUTE_MS = 60_000;
  const DAY = 24 * 60;
  const words = JSON.parse(document.getElementById("board-words").textContent);
  const root = () => document.getElementById("board");

  /** A text of the catalogue's part `board_script`, with its `{names}` filled in. */
  const word = (key, values = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  // ---- what the grid says ---------------------------------------------------------------------------

  /** Of the grid as it is now: read anew after each refresh, never while dragging. */
  let grid;

  function read() {
    const { epoch, total, zone, opens, studio, view, plans } = root().dataset;
    const days = [...root().querySelectorAll(".days .day")].map((day) => ({
      start: Number(day.dataset.s),
      name: day.dataset.name,
    }));
    // A show may be dragged over the edges: into the day before, or after.
    days.unshift({ start: -Infinity, name: root().dataset.before });
    days.push({ start: Number(total), name: root().dataset.after });
    grid = { epoch: Number(epoch), total: Number(total), zone, opens, studio, view, days };
    grid.plans = plans !== undefined;
    grid.isOdd = grid.total % DAY > 0;
    grid.facts = JSON.parse(document.getElementById("board-facts").textContent);
    // Whatever the page's language, digits are what the server writes.
    const asDigits = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    grid.clocks = new Map();
    grid.clock = new Intl.DateTimeFormat("en-GB", asDigits);
  }

  const bars = () => root().getElementsByClassName("bar");
  const rows = () => [...root().querySelectorAll(".row[data-row]:not([hidden])")];
  const rowOf = (bar) => bar.closest(".row");
  const trackOf = (row) => row.querySelector(".track");
  const idOf = (bar) => bar.id.split(".")[0];
  /** What a bar says, line by line: its name, its client. The server broke some names after a space. */
  const linesOf = (bar) => bar.firstChild.data.replace(" \n", " ").split("\n");
  const nameOf = (bar) => linesOf(bar)[0];
  const rowName = (row) => row.querySelector(".name b").textContent;
  const planOf = (bar) => grid.facts.plans[bar.dataset.p];
  const startOf = (bar) => Number(bar.dataset.s);
  const minutesOf = (bar) => Number(bar.dataset.d);

  // ---- places -----------------------------------------------------------------------------------------

  /** Puts something at these minutes of its track. */
  function put(element, start, minutes) {
    element.style.left = `${(start * 100) / grid.total}%`;
    if (minutes !== undefined) element.style.width = `${(minutes * 100) / grid.total}%`;
  }

  /** Puts a bar in its place, or with `at` {start, minutes} in another one. */
  function place(bar, at) {
    const start = at?.start ?? startOf(bar);
    put(bar, start, at?.minutes ?? minutesOf(bar));
    // What began before the board's left edge has its name where it can be read.
    bar.style.paddingInlineStart = start < 0 ? `calc(${(-start * 100) / grid.total}% + 2px)` : "";
    const [lane, lanes] = at ? [] : (bar.dataset.l?.split("/") ?? []);
    bar.style.top = lanes ? `calc(1px + (100% - 3px) * ${lane / lanes})` : "";
    bar.style.height = lanes ? `calc((100% - 3px) / ${lanes})` : "";
  }

  // ---- names ------------------------------------------------------------------------------------------

  const listed = (text, of) => (text ? text.split(" ").map(of) : []);

  /** A show's conflicts in words, and what it lacks; only some of them if asked. */
  const conflictsOf = (bar, which = Boolean) =>
    listed(bar.dataset.x, String).filter(which).map((each) => word(`conflict_${each}`));

  const creatorsOf = (bar) => listed(bar.dataset.c, (each) => grid.facts.creators[each]);
  const roomOf = (bar) => (grid.view === "rooms" ? rowName(rowOf(bar)) : grid.facts.rooms[bar.dataset.r]);

  /** A shorter show has room for initials only, in a week that is no wider than a laptop. */
  const BRIEF = 80;

  /** What a bar says where there is room for more, and where there is hardly any. */
  function tell(bar) {
    const more = grid.view === "rooms" ? creatorsOf(bar).join(", ") : roomOf(bar);
    const [name, client] = bar.firstChild.data.split("\n");
    // The time first: it breaks before its dash or not at all.
    const times = span(startOf(bar), minutesOf(bar)).replace("–", "\u200b–\u2060");
    bar.dataset.more = [times, more].filter(Boolean).join(" ·\u00a0");
    bar.dataset.less = client ?? name;
    if (minutesOf(bar) < BRIEF) bar.dataset.brief = bar.dataset.less.split(/\s+/).map((each) => each[0]).join("");
    else delete bar.dataset.brief;
  }

  /** All that a bar says, in one line: for who can't see where it is. It begins with the text that it shows. */
  function nameInFull(bar) {
    const said = (part) => [...bar.classList].map((each) => words[`${part}_${each}`]).find(Boolean);
    const parts = [
      ...linesOf(bar),
      said("status"),
      when(startOf(bar), minutesOf(bar)),
      roomOf(bar),
      ...creatorsOf(bar),
    ];
    const lacks = conflictsOf(bar, (code) => code.startsWith("missing")).join(", ");
    const codes = conflictsOf(bar, (code) => !code.startsWith("missing")).join(", ");
    const conflicts = codes && word("conflict", { codes });
    return [parts.filter(Boolean).join(", "), conflicts, lacks, said("mark")].filter(Boolean).join("; ");
  }

  function placeAll(those = bars()) {
    read();
    for (const bar of those) {
      place(bar);
      const name = nameInFull(bar);
      if (bar.ariaLabel !== name) {
        bar.ariaLabel = name;
        tell(bar);
      }
      if (!bar.role) Object.assign(bar, { role: "gridcell", tabIndex: -1 });
    }
    drawHours();
    for (const each of root().querySelectorAll(":is(.shut, .day, .hours span, .lines :is(i, b))[data-s]")) {
      put(each, Number(each.dataset.s), each.dataset.d && Number(each.dataset.d));
    }
    showNow();
    rove();
  }

  /** A line for each hour of the axis, below the bars. */
  function drawHours() {
    const track = root().querySelector(".lines .track");
    track.querySelectorAll(".hour").forEach((line) => line.remove());
    const lines = [...root().querySelectorAll(".hours span")].map(({ dataset }) => {
      const line = Object.assign(document.createElement("i"), { className: "hour" });
      line.dataset.s = dataset.s;
      return line;
    });
    track.prepend(...lines);
  }

  /** One bar is in the order of the Tab key: the one that had the focus last. */
  function rove(chosen) {
    const before = root().querySelector('.bar[tabindex="0"]');
    const next = chosen ?? before ?? bars()[0];
    if (before && before !== next) before.tabIndex = -1;
    if (next) next.tabIndex = 0;
    // Without bars the board itself is what keys scroll.
    root().tabIndex = next ? -1 : 0;
  }

  function showNow() {
    const now = root().querySelector(".lines .now");
    const minute = (Date.now() / MINUTE_MS) - grid.epoch / 60;
    now.hidden = minute < 0 || minute > grid.total;
    put(now, minute);
    now.dataset.s = Math.round(minute);
  }

  // ---- time, as the studio says it ------------------------------------------------------------------

  /** An instant for the API. */
  const instant = (minute) => new Date((grid.epoch + minute * 60) * 1000).toISOString();
  const minuteOf = (text) => Math.round((Date.parse(text) / 1000 - grid.epoch) / 60);
  const dayAt = (minute) => grid.days.findLastIndex((day) => day.start <= minute);

  function localTime(minute) {
    const known = grid.clocks.get(minute);
    if (known) return known;
    const local = grid.clock.format((grid.epoch + minute * 60) * 1000);
    grid.clocks.set(minute, local);
    return local;
  }

  /** The operational day's clock, such as 25:30; `since` is the minute whose day it is told by. */
  function clock(minute, since = minute) {
    const local = localTime(minute);
    const hour = Number(local.slice(0, 2));
    const late = local < grid.opens ? 24 : 0;
    const later = 24 * (dayAt(minute) - dayAt(since));
    const said = `${String(hour + late + later).padStart(2, "0")}${local.slice(2)}`;
    // Where the clock is set back it says the same again.
    const isAgain = grid.isOdd && [30, 60].some((by) => localTime(minute - by) === local);
    return isAgain ? word("again", { time: said }) : said;
  }

  const span = (start, minutes) => `${clock(start)}–${clock(start + minutes, start)}`;

  /** Day and span, such as `Sat 2 May 13:00–15:00`. */
  function when(start, minutes) {
    return `${grid.days[dayAt(start)].name} ${span(start, minutes)}`;
  }

  // ---- zoom: one rule, so that no bar is styled anew ---------------------------------------------------

  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  let perMinute = 0;
  let isWhole = true;
  let ruled = "";

  /** Rows are as high as so many lines of text: as many as let all rows be seen. */
  const LINES = { least: 2, most: 6, px: 16, gap: 8, lane: 14 };
  const AXIS_PX = 47;
  const names = () => root().querySelector(".corner").offsetWidth;
  const room = () => root().clientWidth - names();

  /** Bars side by side in a row so high say as many whole lines as each has room for. */
  function laned(px) {
    const rules = [];
    for (let lanes = 2; (px - 3) / lanes >= LINES.lane * 2 + 2; lanes += 1) {
      const high = (px - 3) / lanes - 2;
      const line = high / Math.floor(high / LINES.lane);
      rules.push(`#board .bar[data-l$="/${lanes}"] { white-space: pre-line; line-height: ${line.toFixed(2)}px }`);
    }
    return rules.join(" ");
  }

  /** Shows so many pixels a minute, but at least the whole window; what is at the middle stays there. Rows get
   * their height and the panel its place: beside the tools above and below, so that these stay where they are. */
  function zoom(wanted = 0) {
    const wide = room();
    const middle = perMinute ? (root().scrollLeft + wide / 2) / perMinute : 0;
    perMinute = Math.max(wide / grid.total, Math.min(8, wanted));
    isWhole = perMinute === wide / grid.total;
    const count = root().querySelectorAll(".row:not([hidden])").length;
    const { top, bottom, height } = root().getBoundingClientRect();
    const tall = (height - AXIS_PX) / count;
    const lines = Math.max(LINES.least, Math.min(LINES.most, Math.floor((tall - LINES.gap) / LINES.px)));
    const rules = `#board .track { width: ${(perMinute * grid.total).toFixed(1)}px }
      main.board { --rows: ${count} }
      @media screen { main.board { --row-height: ${LINES.gap + LINES.px * lines}px } ${laned(LINES.gap + LINES.px * lines)} }
      :root { --board-top: ${top}px; --board-bottom: ${innerHeight - bottom}px }`;
    if (rules !== ruled) sheet.replaceSync((ruled = rules));
    root().toggleAttribute("data-tall", lines > LINES.least);
    root().toggleAttribute("data-tiny", perMinute < 0.16);
    root().dataset.zoom = perMinute < 0.28 ? "far" : perMinute < 0.55 ? "mid" : "near";
    // At first nothing is laid out yet, and for this it would have to be.
    if (middle) root().scrollLeft = middle * perMinute - wide / 2;
  }

  const zoomBy = (factor) => zoom(perMinute * factor);

  /** Scrolls to now, or where now is not shown to the first bar. */
  function toNow() {
    const now = root().querySelector(".lines .now");
    const first = Math.min(...[...bars()].map(startOf));
    const minute = now.hidden ? first : Number(now.dataset.s);
    if (Number.isFinite(minute)) root().scrollLeft = Math.max(0, minute * perMinute - room() / 4);
    return !now.hidden;
  }

  /** Shows a show and puts the focus on it. */
  function focus(bar, { scroll = "nearest" } = {}) {
    if (!bar) return;
    rove(bar);
    if (scroll) bar.scrollIntoView({ block: scroll, inline: scroll });
    bar.focus({ preventScroll: true });
  }

  /** Opens a show at the side, and keeps it in sight beside that. */
  async function open(bar) {
    focus(bar, { scroll: null });
    if (!(await callboard.openPanel(`/shows/${idOf(bar)}`, nameOf(bar)))) return;
    unmark();
    const now = document.getElementById(bar.id);
    now?.setAttribute("aria-current", "true");
    now?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** The bar of the show at the side is marked. */
  const unmark = () => root().querySelector(".bar[aria-current]")?.removeAttribute("aria-current");
  document.getElementById("panel").addEventListener("close", unmark);

  function flash(bar) {
    bar.classList.add("flash");
    setTimeout(() => bar.classList.remove("flash"), 1_700);
  }

  function jump(id) {
    const bar = document.getElementById(id);
    if (!bar) return;
    bar.classList.remove("hidden", "dim");
    rowOf(bar).hidden = false;
    focus(bar, { scroll: "center" });
    flash(bar);
    document.dispatchEvent(new CustomEvent("board:jumped", { detail: idOf(bar) }));
  }

  // First what asks how wide the window is: bars are laid out once, in their places.
  read();
  zoom();
  placeAll();
  // Also where what stands around it needs more of the window, or less.
  new ResizeObserver(() => zoom(isWhole ? 0 : perMinute)).observe(root());
  setInterval(showNow, MINUTE_MS / 2);

  return {
    word, root, bars, rows, rowOf, trackOf, idOf, nameOf, rowName, conflictsOf, planOf, startOf, minutesOf,
    words, linesOf, roomOf, creatorsOf, put, place, placeAll, rove, instant, minuteOf, clock, span, when, zoom, zoomBy, toNow, focus, open, jump,
    get grid() {
      return grid;
    },
    get perMinute() {
      return perMinute;
    },
  };
})();
