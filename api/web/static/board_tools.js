// Around the board: filters, the legend, the list of conflicts, zoom, and the buttons for what keys do.
// What is filtered by stands in the address, so that it is kept, linked to and gone back to.
"use strict";

(() => {
  const { word } = board;
  /** What the address calls the shows of no schedule. */
  const ALONE = "alone";
  /** ... and no room. */
  const NONE = "-";
  const search = document.getElementById("board-q");
  const choices = [...document.querySelectorAll("[data-filter]")];
  const boxes = () => [...document.querySelectorAll("#board-rooms input")];
  const rooms = () => boxes().filter((box) => box.checked).map((box) => box.value);
  const legend = () => [...document.querySelectorAll("#board-legend [data-status]")];

  /** Of a schedule's id the board carries but the end. */
  const endOf = ({ dataset }, value) => (dataset.filter === "schedule" ? value.slice(-6) : value);

  // ---- filters --------------------------------------------------------------------------------------------

  /** What one may choose among is what is on the board. */
  function fill() {
    const { plans, creators } = board.grid.facts;
    const alike = (names) => names.filter(Boolean).map((name) => [name, name]);
    const used = { p: new Set(), c: new Set() };
    for (const { dataset } of board.bars()) {
      used.p.add(dataset.p);
      dataset.c?.split(" ").forEach((each) => used.c.add(each));
    }
    const there = plans.filter((_, at) => used.p.has(String(at)));
    const values = {
      client: alike(there.map(({ client }) => client)),
      schedule: labelled(there),
      creator: alike(creators.filter((_, at) => used.c.has(String(at)))),
    };
    for (const select of choices) {
      const { value } = select;
      const { filter: name } = select.dataset;
      const names = new Map(values[name]);
      if (value && !names.has(value)) names.set(value, name === "schedule" ? word("elsewhere") : value);
      const sorted = [...names].sort(([, a], [, b]) => (a < b ? -1 : 1));
      const options = sorted.map(([id, label]) => new Option(label, id, false, id === value));
      select.replaceChildren(select.options[0], ...options);
    }
  }

  /** Schedules by id, with labels that tell those of one name apart. */
  function labelled(plans) {
    const found = new Map();
    const taken = new Set();
    for (const { id, name, client } of plans) {
      if (found.has(id ?? ALONE)) continue;
      const first = name ?? word("standalone");
      let label = taken.has(first) && client ? `${first} · ${client}` : first;
      for (let count = 2; taken.has(label); count += 1) label = `${first} (${count})`;
      taken.add(label);
      found.set(id ?? ALONE, label);
    }
    return found;
  }

  const wordsOf = (text) => text.toLowerCase().split(/\s+/).filter(Boolean);

  /** Whether a bar is looked for. */
  function tester() {
    const wanted = Object.fromEntries(choices.map((select) => [select.dataset.filter, select.value]));
    const words = wordsOf(search.value);
    const { creators } = board.grid.facts;
    return (bar) => {
      const plan = board.planOf(bar);
      if (wanted.client && plan?.client !== wanted.client) return false;
      if (wanted.schedule && (plan?.id ?? ALONE) !== wanted.schedule) return false;
      if (wanted.creator && !(bar.dataset.c ?? "").split(" ").some((each) => creators[each] === wanted.creator)) return false;
      const text = words.length ? bar.ariaLabel.toLowerCase() : "";
      return words.every((each) => text.includes(each));
    };
  }

  /** Shows the rows of the rooms that are chosen, without a choice of all. Answers whether a bar is in one. */
  function inRooms() {
    const chosen = rooms();
    const isIn = (room) => !chosen.length || chosen.includes(room || NONE);
    if (board.grid.view !== "rooms") return (bar) => isIn(board.roomOf(bar));
    const found = [...board.root().querySelectorAll("[data-row]")];
    const before = board.rows().length;
    for (const row of found) row.hidden = !isIn(row.dataset.row && board.rowName(row));
    if (before !== board.rows().length) board.zoom(board.perMinute);
    return (bar) => !board.rowOf(bar).hidden;
  }

  /** Hides statuses and dims what is not looked for: what holds a room stays to be seen. */
  function filter() {
    const isWanted = tester();
    const isIn = inRooms();
    const hidden = new Set(legend().filter((chip) => chip.ariaPressed === "false").map((chip) => chip.dataset.status));
    let count = 0;
    for (const bar of board.bars()) {
      const isHidden = [...bar.classList].some((each) => hidden.has(each));
      const isDim = !isIn(bar) || !isWanted(bar);
      bar.classList.toggle("hidden", isHidden);
      bar.classList.toggle("dim", isDim);
      if (!isHidden && !isDim) count += 1;
    }
    const used = choices.filter((select) => select.value).length + (rooms().length > 0);
    const pill = document.querySelector("#board-filters .pill");
    pill.hidden = used === 0;
    pill.textContent = used;
    return count;
  }

  // ---- the address ----------------------------------------------------------------------------------------

  function state() {
    const off = legend().filter((chip) => chip.ariaPressed === "false").map((chip) => chip.dataset.status);
    const chosen = choices.map((select) => [select.dataset.filter, select.value]);
    return [...chosen, ...rooms().map((room) => ["rooms", room]), ["q", search.value], ["hide", off.join(",")]];
  }

  function keep(address) {
    const url = new URL(address, location.href);
    for (const name of ["rooms", ...state().map(([each]) => each)]) url.searchParams.delete(name);
    for (const [name, value] of state()) if (value) url.searchParams.append(name, value);
    return url;
  }

  function changed() {
    const found = filter();
    listConflicts();
    count();
    history.replaceState(null, "", keep(location.href));
    for (const link of document.querySelectorAll("a[data-keep]")) link.href = keep(link.href);
    callboard.say(found ? word("shown", { count: found }) : word("unfound"));
  }

  function restore() {
    const asked = new URLSearchParams(location.search);
    search.value = asked.get("q") ?? "";
    for (const select of choices) {
      const value = asked.get(select.dataset.filter);
      if (value) select.append(new Option("", endOf(select, value), true, true));
    }
    for (const box of boxes()) box.checked = asked.getAll("rooms").includes(box.value);
    const hidden = (asked.get("hide") ?? "").split(",");
    for (const chip of legend()) chip.ariaPressed = String(!hidden.includes(chip.dataset.status));
  }

  // The forms for studio and day leave what is filtered by in the address too.
  document.addEventListener("submit", ({ target }) => {
    if (!target.matches(".board-tools form")) return;
    for (const [name, value] of state()) {
      if (!value) continue;
      const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      target.append(field);
    }
  });

  // ---- conflicts ------------------------------------------------------------------------------------------

  const isShown = (bar) => !bar.matches(".hidden, .dim");
  const of = (some, all) => (some === all ? all : word("of", { some, all }));

  /** The list of shows with a conflict that are looked for, each a way to its bar; made when it is looked at. */
  function listConflicts() {
    const list = document.querySelector("#board-conflicts ol");
    // A show with two creators has two bars.
    const found = [...board.root().querySelectorAll(".bar:is(.clash, .warn)")].filter((bar) => bar.id === board.idOf(bar));
    const box = list.closest("details");
    const shown = found.filter(isShown);
    box.querySelector(".pill").textContent = of(shown.length, found.length);
    box.hidden = !found.length;
    box.nextElementSibling.hidden = !box.hidden;
    const isClash = (bar) => bar.matches(".clash");
    shown.sort((a, b) => isClash(b) - isClash(a) || board.startOf(a) - board.startOf(b));
    if (box.open) list.replaceChildren(...shown.map(conflict));
  }

  /** A menu that is open hangs inside the window, whatever line of the tools it hangs from. */
  function hang() {
    const { style } = document.querySelector(".board-tools details[open] > div") ?? {};
    if (!style) return;
    style.translate = style.maxHeight = "";
    const { left, top } = document.querySelector(".board-tools details[open] > div").getBoundingClientRect();
    style.translate = `${Math.max(0, 8 - left)}px`;
    style.maxHeight = `${innerHeight - top - 8}px`;
  }

  document.addEventListener("toggle", ({ target }) => {
    if (target.closest("#board-conflicts")) listConflicts();
    hang();
  }, true);
  addEventListener("resize", hang);

  /** How many shows of each status there are, and of these how many are looked for. */
  function count() {
    const counts = {};
    const wanted = {};
    const seen = new Set();
    for (const bar of board.bars()) {
      const status = bar.classList[1];
      if (bar.matches(".was, .removed") || seen.has(board.idOf(bar))) continue;
      seen.add(board.idOf(bar));
      counts[status] = (counts[status] ?? 0) + 1;
      if (!bar.matches(".dim")) wanted[status] = (wanted[status] ?? 0) + 1;
    }
    const nothing = document.getElementById("board-nothing");
    const isEmpty = !board.bars().length;
    nothing.dataset.words ??= nothing.textContent;
    nothing.textContent = isEmpty ? nothing.dataset.words : word("unfound");
    nothing.hidden = isEmpty ? board.grid.view === "creators" : !search.value.trim() || [...board.bars()].some(isShown);
    const asked = document.querySelector("#board-legend .asked");
    asked.lastElementChild.textContent = board.root().querySelectorAll(".bar.pending").length;
    asked.parentElement.hidden = asked.lastElementChild.textContent === "0";
    for (const chip of legend()) {
      const { status } = chip.dataset;
      chip.lastElementChild.textContent = of(wanted[status] ?? 0, counts[status] ?? 0);
      chip.parentElement.hidden = !counts[status] && !["draft", "confirmed"].includes(status);
    }
  }

  function conflict(bar) {
    const link = Object.assign(document.createElement("a"), { href: `#${bar.id}`, className: bar.matches(".clash") ? "" : "warn" });
    link.dataset.jump = bar.id;
    const parts = [
      ["b", board.nameOf(bar)],
      ["span", ` ${board.when(board.startOf(bar), board.minutesOf(bar))}`],
      ["small", board.conflictsOf(bar).join(", ")],
    ];
    link.append(...parts.map(([tag, textContent]) => Object.assign(document.createElement(tag), { textContent })));
    const item = document.createElement("li");
    item.append(link);
    return item;
  }

  // ---- buttons --------------------------------------------------------------------------------------------

  function clear() {
    search.value = "";
    for (const select of choices) select.value = "";
    for (const box of boxes()) box.checked = false;
    for (const chip of legend()) chip.ariaPressed = "true";
    changed();
  }

  const DO = {
    in: () => board.zoomBy(1.4),
    out: () => board.zoomBy(1 / 1.4),
    new: () => board.commands.draft(null),
    undo: () => board.history.undo(),
    redo: () => board.history.redo(),
    help: () => document.getElementById("board-help").showModal(),
    clear,
  };

  document.addEventListener("click", (event) => {
    const { target } = event;
    DO[target.closest("[data-do]")?.dataset.do]?.();
    const chip = target.closest("[data-status]");
    if (chip) {
      chip.ariaPressed = String(chip.ariaPressed === "false");
      changed();
    }
    const jump = target.closest("[data-jump]");
    if (jump) {
      event.preventDefault();
      jump.closest("details").open = false;
      board.jump(jump.dataset.jump);
    }
    for (const menu of document.querySelectorAll(".board-tools details[open]")) {
      if (!menu.contains(target)) menu.open = false;
    }
  });

  // ---- on other days ------------------------------------------------------------------------------------

  const found = document.getElementById("board-found");
  const links = () => [...(found?.querySelectorAll("a") ?? [])];
  let seeking = 0;

  /** Lists below the field what it finds on days that are not shown. */
  function seek() {
    if (!found) return;
    clearTimeout(seeking);
    found.hidden = true;
    found.replaceChildren();
    const asked = search.value.trim();
    if (asked.length < 2) return;
    seeking = setTimeout(async () => {
      const from = `${found.dataset.from}&q=${encodeURIComponent(asked)}`;
      const answer = await fetch(from, { headers: { "HX-Request": "true" } }).catch(() => null);
      if (!answer?.ok || answer.redirected || search.value.trim() !== asked) return;
      const items = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("li");
      found.replaceChildren(...items);
      for (const link of links()) {
        const url = keep(link.href);
        url.searchParams.delete("q");
        link.href = url;
      }
      const { left, bottom } = search.getBoundingClientRect();
      Object.assign(found.style, { left: `${left}px`, top: `${bottom + 4}px` });
      found.hidden = items.length === 0;
      if (items.length) callboard.say(word("elsewhen", { count: items.length }));
    }, 250);
  }

  found?.addEventListener("keydown", (event) => {
    const all = links();
    const at = all.indexOf(event.target) + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] ?? NaN);
    if (event.key === "Escape" || at < 0) search.focus();
    else if (all[at]) all[at].focus();
    else return;
    if (event.key === "Escape") found.hidden = true;
    event.preventDefault();
    event.stopPropagation();
  });

  document.addEventListener("click", ({ target }) => {
    if (found && target !== search && !found.contains(target)) found.hidden = true;
  });

  search.addEventListener("input", changed);
  search.addEventListener("input", seek);
  search.addEventListener("focus", () => found?.hidden && seek());
  search.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" && !found?.hidden) links()[0]?.focus();
    else if (event.key !== "Escape" && event.key !== "Enter") return;
    event.preventDefault();
    if (event.key === "ArrowDown") return;
    if (event.key === "Escape" && search.value) {
      search.value = "";
      changed();
      seek();
      return;
    }
    const first = board.root().querySelector(".bar:not(.hidden, .dim)");
    if (first || event.key === "Escape") board.focus(first);
    else links()[0]?.click();
  });
  document.getElementById("board-filters").addEventListener("change", changed);

  document.addEventListener("wheel", (event) => {
    if (!(event.ctrlKey || event.metaKey) || !event.target.closest("#board")) return;
    event.preventDefault();
    board.zoomBy(event.deltaY < 0 ? 1.15 : 1 / 1.15);
  }, { passive: false });

  document.addEventListener("board:merged", () => {
    restore();
    fill();
    filter();
    listConflicts();
    if (board.root().dataset.rows) count();
  });

  restore();
  fill();
  if (!filter()) seek();
  listConflicts();
  if (choices.some((select) => select.value) || search.value || rooms().length) count();
  const here = new URLSearchParams(new FormData(document.querySelector("form.day")));
  here.delete("as_of");
  document.querySelector(".places [aria-current]").search = sessionStorage[callboard.places] = `?${here}`;
  if (!location.hash) board.toNow();
  document.documentElement.dataset.board = "ready";
})();
