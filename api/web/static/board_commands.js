// What a drop does: an edit where the plan is a draft, a question where it is confirmed. The server decides;
// what it refuses springs back, and who is in the way is told with the ways out.
"use strict";

board.commands = (() => {
  const { word, carrying, history } = board;
  const { isBlock } = carrying;
  const WAYS = 3;
  const HOUR = 60;
  const TYPES = { start: "TIME_CHANGE", end: "TIME_CHANGE", room_id: "RESOURCE_CHANGE", creators: "CREATOR_CHANGE" };

  const stale = (detail) => document.dispatchEvent(new CustomEvent("board:stale", { detail }));
  const isConflict = (refusal) => refusal.problem?.code === "conflicts";
  const pick = (show, fields) => Object.fromEntries(Object.keys(fields).map((name) => [name, show[name]]));
  const told = (key, carry) =>
    word(key, {
      name: board.nameOf(carry.bar),
      when: board.when(carry.start, carry.minutes),
      row: board.rowName(carry.row),
    });

  // ---- dropping -----------------------------------------------------------------------------------------

  /** Does what a show that was put down elsewhere asks for. */
  function drop(carry) {
    if (isOffering()) popover().close();
    carry.bar.classList.add("sent");
    return history.inTurn(() => dropped(carry));
  }

  /** Whether who used the board is still there, and not typing elsewhere. */
  const isHere = () => {
    const { activeElement } = document;
    return !board.carrying.current && (!activeElement || activeElement.matches("body, #board, #board *, #board-way *"));
  };

  async function dropped(carry) {
    const { bar } = carry;
    try {
      const show = await carry.show;
      const fields = await carrying.changes(carry);
      if (bar.dataset.m === "change") await ask(carry, show, fields);
      else await edit(carry, show, fields);
    } catch (refusal) {
      carrying.back(carry);
      complain(refusal, () => again(carry));
    } finally {
      bar.classList.remove("sent");
      if (!isOffering() && isHere()) board.focus(document.getElementById(bar.id), { scroll: null });
      stale({ shows: [board.idOf(bar)], carry });
    }
  }

  /** Says why it did not work, and offers to try again where that may help. */
  function complain(refusal, run) {
    if (!(refusal instanceof callboard.Refused)) throw refusal;
    const { status } = refusal;
    if (status === 401) return;
    const action = run && (!status || status >= 500) ? { label: callboard.word("again"), run } : undefined;
    callboard.toast(callboard.told(refusal), { kind: "bad", seconds: action ? 60 : 15, action });
  }

  /** Drops a show once more where it was dropped before. */
  function again(carry) {
    carry.show = look(board.idOf(carry.bar));
    carry.show.catch(() => {});
    board.trackOf(carry.row).append(carry.bar);
    board.place(carry.bar, carry);
    drop(carry);
  }

  /** Somebody was faster: says who and what they did, and offers to move the show all the same. */
  async function overtaken(carry, { id, name }) {
    carrying.back(carry);
    const { text, version } = await carrying.touched(id);
    const run = () => {
      history.left(id, version);
      again(carry);
    };
    const action = { label: word("still"), run };
    callboard.toast(`${word("refused", { name })}.\n${text}`, { kind: "bad", seconds: 60, action });
  }

  async function edit(carry, show, fields) {
    const { bar } = carry;
    const url = `/api/v1/shows/${show.id}`;
    const request = (body) => ({ method: "PATCH", url, body, show: show.id });
    const entry = { what: told("moved", carry), undo: [request(pick(show, fields))], redo: [request(fields)] };
    const version = history.seen(show.id, bar.dataset.v);
    let answer;
    try {
      history.sends({ ...entry, version });
      answer = await callboard.send("PATCH", url, fields, { version });
      history.answered();
    } catch (refusal) {
      if (refusal.status) history.answered();
      if (refusal.status === 412) return overtaken(carry, show);
      // Confirmed a moment ago: then it is a question.
      if (refusal.problem?.code === "needs_change") return ask(carry, show, fields);
      if (!isConflict(refusal)) throw refusal;
      return refused(carry, show, fields, refusal);
    }
    settle(carry);
    bar.dataset.v = answer.version;
    history.left(show.id, answer.version);
    const done = history.did(entry);
    // It is done, though what it meets may not be had.
    const findings = await callboard.check(answer.data, {}, { suggestions: true }).catch(() => []);
    if (!findings.some(isBlock)) {
      // Another draft may want the same: then both stay, and who came later is told.
      const other = findings.find((each) => each.other?.show_id)?.other.show_id;
      const { there } = (other && (await carrying.touched(other).catch(() => null))) ?? {};
      if (there) history.warn(done, `${done.what}\n⚠ ${there}`);
      return;
    }
    offer(carry, answer.data, word("stands", { name: show.name }), findings, {
      safe: { text: word("put_back", whereOf(carry.from)), run: () => history.takeBack(done) },
    });
  }

  /** The bar is where the server has it now, until the board is read anew. */
  function settle({ bar, start, minutes }) {
    Object.assign(bar.dataset, { s: start, d: minutes });
    delete bar.dataset.l;
    board.place(bar);
  }

  // ---- asking for a change ------------------------------------------------------------------------------

  async function ask(carry, show, fields) {
    const findings = await callboard.check(show, fields, { suggestions: true }).catch(() => []);
    const answered = await choose(carry, show, fields, gist(findings.filter(isBlock)));
    if (!answered) return carrying.back(carry);
    const { way, ...chosen } = answered;
    const plan = show.schedule_id ? `schedules/${show.schedule_id}` : `shows/${show.id}`;
    const url = `/api/v1/${plan}/changes`;
    const operations = way?.request.body.operations ?? [{ op: "update", show_id: show.id, set: fields }];
    const body = { ...chosen, operations };
    let answer;
    try {
      answer = await callboard.send("POST", url, body);
    } catch (refusal) {
      if (!isConflict(refusal)) throw refusal;
      return refused(carry, show, fields, refusal, chosen);
    }
    const isApplied = answer.data.status === "approved";
    if (isApplied && !way) settle(carry);
    else carrying.back(carry);
    const what = way ? word("change_asked", { reason: way.title }) : told(isApplied ? "moved" : "asked", carry);
    await history.asked(answer.data, { what, redo: { method: "POST", url, body } });
  }

  /** Of findings: what is in the way, and up to three ways out. */
  function gist(findings) {
    const why = callboard.reasons(findings);
    const found = new Map(findings.flatMap((each) => each.suggestions).filter((way) => way.request).map((way) => [way.title, way]));
    return { why, ways: [...found.values()].slice(0, WAYS) };
  }

  function radio(text, value) {
    const label = document.createElement("label");
    label.append(Object.assign(document.createElement("input"), { type: "radio", name: "way", value, checked: value < 0 }), text);
    return label;
  }

  /** Asks by which category, as what and why; null for not at all. Where it would clash it says so, and a way out
   * can be asked for instead. */
  function choose(carry, show, fields, { why, ways }) {
    const dialog = document.getElementById("board-change");
    const form = dialog.querySelector("form");
    const kinds = new Set(Object.keys(fields).map((name) => TYPES[name]));
    form.elements.type.value = kinds.size === 1 ? [...kinds][0] : "OTHER";
    dialog.querySelector(".what").textContent = told("moved", carry);
    dialog.querySelector(".already").hidden = !carry.bar.matches(".pending");
    dialog.querySelector(".why").textContent = why;
    const frees = dialog.querySelector(".frees");
    frees.hidden = !why;
    frees.replaceChildren(radio(word("so"), -1), ...ways.map((way, number) => radio(wayWords(way, placesOf(way, show)), number)));
    // Where there is no client it is as if it agreed.
    const hasClient = board.planOf(carry.bar)?.client;
    const tell = () => {
      const { needs } = form.elements.category.selectedOptions[0]?.dataset ?? {};
      dialog.querySelector(".does").textContent = word(`does_${needs === "client" && !hasClient ? "none" : needs}`);
    };
    form.onchange = tell;
    tell();
    dialog.returnValue = "";
    dialog.showModal();
    form.elements.reason.focus();
    return new Promise((done) => {
      const closed = () => {
        const { way, ...said } = Object.fromEntries(new FormData(form));
        done(dialog.returnValue === "yes" ? { ...said, way: ways[way] } : null);
      };
      dialog.addEventListener("close", closed, { once: true });
    });
  }

  // ---- refusals and ways out ----------------------------------------------------------------------------

  /** Springs back, says who is there, and what could be done. `chosen`: how a change was asked for. */
  async function refused(carry, show, fields, refusal, chosen) {
    carrying.back(carry);
    const findings = await callboard.check(show, fields, { suggestions: true }).catch(() => []);
    const told = findings.length ? findings : (refusal.problem.conflicts ?? []);
    const head = `${word("taken", { name: show.name })}. ${word("refused", { name: show.name })}.`;
    offer(carry, show, head, told, { chosen, safe: { text: word("leave", whereOf(carry.from)) } });
  }

  const popover = () => document.getElementById("board-way");
  const isOffering = () => popover().open;
  const whereOf = ({ row, start, minutes }) => ({ when: board.when(start, minutes), row: board.rowName(row) });

  /** The card: who holds it; first what leaves all as it was, then up to three ways out, each a button and a digit. */
  function offer(carry, show, head, findings, { chosen, safe }) {
    const dialog = popover();
    const { why, ways } = gist(carrying.worst(findings));
    dialog.querySelector("h2").textContent = head;
    dialog.querySelector(".why").textContent = why;
    const places = ways.map((way) => placesOf(way, show));
    const buttons = ways.map((way, number) =>
      button(dialog, `${number + 1}`, wayWords(way, places[number]), () => apply(way, chosen), places[number]),
    );
    const first = button(dialog, "0", safe.text, safe.run, [carry.from]);
    first.className = "";
    dialog.querySelector(".ways").replaceChildren(first, ...buttons);
    const here = isHere();
    const { activeElement } = document;
    if (!dialog.open) dialog.show();
    stand(dialog, [carry, carry.from, ...places.flat()]);
    (here ? first : activeElement).focus();
    callboard.say(`${head} ${dialog.querySelector(".why").textContent}`);
    const close = () => {
      preview([]);
      if (isHere()) board.focus(document.getElementById(carry.bar.id));
    };
    dialog.addEventListener("close", close, { once: true });
  }

  function button(dialog, key, text, run, places) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "quiet" });
    const hint = Object.assign(document.createElement("kbd"), { textContent: key, ariaHidden: "true" });
    made.append(hint, text);
    made.ariaKeyShortcuts = key;
    made.onclick = () => {
      dialog.close();
      run?.();
    };
    made.onfocus = made.onpointerenter = () => preview(places);
    return made;
  }

  /** Where a way out puts a show: {row, start, minutes, name}; nothing where that is not on the board. */
  function placeAfter({ show_id, name, fields: { start, end, room_id } }, show) {
    const bar = document.getElementById(show_id);
    const known = show_id === show.id ? show : null;
    if (!bar && !known) return null;
    const begins = start || known ? board.minuteOf(start?.to ?? known.start) : board.startOf(bar);
    const ends = end || known ? board.minuteOf(end?.to ?? known.end) : board.startOf(bar) + board.minutesOf(bar);
    const row = room_id && board.grid.view === "rooms" ? document.getElementById(`row-${room_id.to}`) : bar && board.rowOf(bar);
    const isOn = row && begins < board.grid.total && ends > 0;
    return isOn ? { row, start: begins, minutes: ends - begins, name } : null;
  }

  const placesOf = (way, show) => way.changes.map((each) => placeAfter(each, show));

  /** What a way out does: where each show goes; as the server says it what the board doesn't show. */
  function wayWords(way, places) {
    if (way.kind === "creator" || !places.every(Boolean) || board.grid.view !== "rooms") return way.title;
    const key = places.length > 1 ? "way_each" : "way_to";
    const moves = places.map((place) => word(key, { name: place.name, ...whereOf(place) }));
    return `${word(`way_${way.kind}`)}: ${moves.join("; ")}`;
  }

  /** Draws where shows would be. */
  let previewed = [];
  function preview(places) {
    previewed = places;
    for (const ghost of ghosts("wayed", places.filter(Boolean))) {
      if (document.activeElement.closest("#board-way")) ghost.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }

  /** Draws these instead of those of this kind that were drawn before. */
  function ghosts(kind, places) {
    document.querySelectorAll(`#board .${kind}`).forEach((old) => old.remove());
    return places.map(({ row, start, minutes }) => {
      const ghost = Object.assign(document.createElement("div"), { className: `drafting ${kind}` });
      board.put(ghost, start, minutes);
      board.trackOf(row).append(ghost);
      return ghost;
    });
  }

  document.addEventListener("board:merged", () => {
    if (isOffering()) preview(previewed);
    showDraft();
  });

  /** Puts the card where it covers least of these places, of the first ones, the toasts and the names of rows
   * before all; where there is a choice near the first. */
  function stand(dialog, places) {
    const { width, height } = dialog.getBoundingClientRect();
    const box = board.root().getBoundingClientRect();
    const rows = places.filter(Boolean).map(({ row, start, minutes }) => {
      const { left, top, bottom } = board.trackOf(row).getBoundingClientRect();
      return { left: left + start * board.perMinute, right: left + (start + minutes) * board.perMinute, top, bottom };
    });
    const [near] = rows;
    const names = { ...box.toJSON(), right: box.left + board.root().querySelector(".corner").offsetWidth };
    rows.splice(2, 0, document.getElementById("toasts").getBoundingClientRect(), names);
    const over = (a, b) =>
      Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) *
      Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
    let best = null;
    const lowest = innerHeight - height - 56;
    const rightmost = innerWidth - width - 8;
    const highest = box.top + 8;
    const beside = [Math.min(lowest, near.bottom + 8), Math.max(highest, near.top - height - 8)];
    for (const top of [lowest, ...beside, highest + 42, highest, lowest + 48]) {
      for (const wanted of [rightmost / 2, rightmost, 8, near.left, near.right + 8, near.left - width - 8]) {
        const left = Math.max(8, Math.min(rightmost, wanted));
        const card = { left, top, right: left + width, bottom: top + height };
        const far = Math.hypot(left + width / 2 - (near.left + near.right) / 2, top + height / 2 - near.top);
        const cost = rows.reduce((sum, row, number) => sum + over(card, row) * (number < 4 ? 99 : 1), far);
        if (!best || cost < best.cost) best = { cost, left, top };
      }
    }
    Object.assign(dialog.style, { left: `${best.left}px`, top: `${Math.max(0, best.top)}px` });
  }

  document.addEventListener("keydown", (event) => {
    if (!isOffering() || document.querySelector("dialog:modal")) return;
    const { key, target } = event;
    if (key === "Escape") return popover().close();
    if (target.matches("input, select, textarea") || event.altKey || carrying.current) return;
    const all = [...popover().querySelectorAll(".ways button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[key];
    const isIn = popover().contains(target);
    if (isIn && step) all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
    else if (isIn && (event.ctrlKey || event.metaKey) && key === "z") all[0].click();
    else if (isIn && !event.ctrlKey && !event.metaKey && all[key]) all[key].click();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  });

  function apply(way, chosen) {
    return history.inTurn(() => applied(way, chosen));
  }

  async function applied(way, chosen) {
    const { method, path: url, body, if_match } = way.request;
    const isChange = url.endsWith("/changes");
    const asked = isChange && chosen ? { ...body, ...chosen, type: body.type } : body;
    try {
      const answer = await callboard.send(method, url, asked, { version: if_match?.replaceAll('"', "") });
      const what = way.title;
      if (isChange) return await history.asked(answer.data, { what, redo: { method, url, body: asked } });
      if (method === "PATCH") history.left(answer.data.id, answer.version);
      else for (const each of way.changes) history.left(each.show_id);
      const undo = way.changes.map((each) => patch(each.show_id, side(each, "from")));
      const redo = way.changes.map((each) => patch(each.show_id, side(each, "to")));
      history.did({ what, undo, redo });
    } catch (refusal) {
      complain(refusal, () => apply(way, chosen));
    } finally {
      stale();
    }
  }

  const patch = (id, body) => ({ method: "PATCH", url: `/api/v1/shows/${id}`, body, show: id });
  const side = (altered, name) =>
    Object.fromEntries(Object.entries(altered.fields).map(([field, values]) => [field, values[name]]));

  // ---- drafting -----------------------------------------------------------------------------------------

  /** The first full hour that is in sight, and not past. */
  function inSight() {
    const seen = board.perMinute ? board.root().scrollLeft / board.perMinute : 0;
    const now = Date.now() / 60_000 - board.grid.epoch / 60;
    const isNow = now > seen && now < board.grid.total;
    return Math.ceil((isNow ? now : seen) / HOUR) * HOUR;
  }

  /** Opens the form for a new show here. */
  function draft(row, start, minutes) {
    const asked = new URLSearchParams({ studio_id: board.grid.studio });
    if (board.grid.view === "rooms" && row?.dataset.row) asked.set("room_id", row.dataset.row);
    if (board.grid.view === "creators" && row?.dataset.row) asked.set("creator_id", row.dataset.row);
    const begins = start ?? inSight();
    asked.set("start", board.instant(begins));
    const length = minutes ?? 2 * HOUR;
    asked.set("end", board.instant(begins + length));
    const href = `/shows/new?${asked}`;
    if (row) drafted.set(href, { row, start: begins, minutes: length });
    callboard.openPanel(href);
  }

  /** What was drafted where, by its form's address. */
  const drafted = new Map();
  const panel = document.getElementById("panel");
  /** While its form is open a show to be stays where it was drafted. */
  const showDraft = () => ghosts("drafted", [panel.open && drafted.get(panel.dataset.href)].filter(Boolean));
  new MutationObserver(showDraft).observe(panel, { attributeFilter: ["open", "data-href"] });
  // ... and goes where its form says, if that is on the board.
  panel.addEventListener("change", async ({ target: { form } }) => {
    const { href } = panel.dataset;
    if (!href?.startsWith("/shows/new")) return;
    // First its form takes up which plan it is for.
    await callboard.pause(0);
    const body = await callboard.bodyOf(form).catch(() => null);
    if (!body) return;
    const show = form.dataset.wrap.split(".").filter(Boolean).reduce((part, key) => part?.[key], body);
    // Its plan was changed meanwhile: that tells it again.
    if (!show) return;
    const start = board.minuteOf(show.start);
    const minutes = board.minuteOf(show.end) - start;
    if (!(minutes > 0)) return;
    const row = board.grid.view === "rooms" ? document.getElementById(`row-${show.room_id ?? "none"}`) : drafted.get(href)?.row;
    drafted.set(href, row && { row, start, minutes });
    showDraft();
  });

  // ---- what is done at the side ---------------------------------------------------------------------------

  const FIELDS = [
    ...["name", "start", "end", "room_id", "creators", "platforms"],
    ...["show_type", "show_standard", "note", "external_id", "metadata"],
  ];
  const look = async (path) => (await callboard.send("GET", `/api/v1/shows/${path}`)).data;

  /** What an edit of a show did: as it was the moment before, and as it is. */
  async function edited(id) {
    const now = await look(id);
    const then = await look(`${id}?as_of=${new Date(Date.parse(now.updated_at) - 1).toISOString()}`);
    const differing = FIELDS.filter((name) => JSON.stringify(then[name]) !== JSON.stringify(now[name]));
    const of = (show) => Object.fromEntries(differing.map((name) => [name, show[name]]));
    history.left(id, now.version);
    return { undo: patch(id, of(then)), redo: patch(id, of(now)), now, then };
  }

  /** What the panel did to shows can be undone like the rest; what can't be says so, before what is older is. */
  async function did({ send, body }, label, { data, version }) {
    const [method, url] = send.split(" ");
    const [, id, verb] = /^\/api\/v1\/shows(?:\/([^/]+))?(?:\/(\w+))?$/.exec(url) ?? [];
    const options = { quiet: true };
    if (/\/changes$/.test(url)) {
      const { category, type, reason, operations } = data;
      const asked = operations.map(({ op, show_id, after, reason_category }) =>
        op === "update" ? { op, show_id, set: after } : op === "add" ? { op, show: after } : { op, show_id, reason_category },
      );
      const redo = { method, url, body: { category, type, reason, operations: asked } };
      await history.asked(data, { what: word("change_asked", { reason }), redo }, options);
    } else if (method === "POST" && /\/shows$/.test(url)) {
      const shows = data.items ?? [data];
      for (const show of shows) history.left(show.id, show.version);
      const undo = shows.map((show) => ({ method: "DELETE", url: `/api/v1/shows/${show.id}`, show: show.id }));
      const redo = shows.map((show) => ({ method: "POST", url: `/api/v1/shows/${show.id}/restore`, show: show.id }));
      history.did({ what: word("drafted", { name: shows[0].name }), undo, redo });
    } else if (method === "PATCH" && id && !verb) {
      const { undo, redo, now } = await edited(id);
      history.did({ what: word("edited", { name: now.name }), undo: [undo], redo: [redo] }, options);
    } else if (method === "DELETE" && id && !verb) {
      const { name, version: last } = await look(id);
      history.left(id, last);
      const restore = { method: "POST", url: `${url}/restore`, show: id };
      history.did({ what: word("removed", { name }), undo: [restore], redo: [{ method, url, show: id }] });
    } else if (id === "bulk") {
      const all = await Promise.all(JSON.parse(body).show_ids.map(edited));
      const what = word("edited", { name: all.map(({ now }) => now.name).join(", ") });
      history.did({ what, undo: all.map((each) => each.undo), redo: all.map((each) => each.redo) }, options);
    } else if (verb === "move") {
      const { then, now } = await edited(id);
      const to = ({ schedule_id }) => [{ method, url, body: { schedule_id }, show: id }];
      history.did({ what: word("edited", { name: now.name }), undo: to(then), redo: to(now) }, options);
    } else if (FINAL.includes(verb)) {
      history.left(id, version);
      const { name } = await look(id);
      history.did({ what: `${name}: ${label}` }, options);
    } else return;
    stale();
  }

  const FINAL = [
    ...["start", "complete", "cancel", "interrupt", "resolve"],
    ...["confirm", "propose", "approve", "reject", "withdraw"],
  ];

  document.addEventListener("callboard:done", ({ target, detail }) => {
    // What it says now: the panel is about to say something else.
    const [said, label] = [{ ...target.dataset }, target.ariaLabel ?? target.textContent.trim()];
    if (said.send) history.inTurn(() => did(said, label, detail).catch(() => {}), { asks: 0 });
  });

  return { drop, draft, inSight };
})();
