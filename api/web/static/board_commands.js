// What a drop does: an edit where the plan is a draft, a question where it is confirmed. The server decides;
// what it refuses springs back, and who is in the way is told with the ways out.
"use strict";

board.commands = (() => {
  const { word, carrying, history } = board;
  const WAYS = 3;
  const HOUR = 60;
  const TYPES = { start: "TIME_CHANGE", end: "TIME_CHANGE", room_id: "RESOURCE_CHANGE", creators: "CREATOR_CHANGE" };

  const stale = () => document.dispatchEvent(new CustomEvent("board:stale"));
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
  async function drop(carry) {
    const { bar } = carry;
    if (isOffering()) popover().close();
    bar.classList.add("sent");
    try {
      const show = await carry.show;
      const fields = await carrying.changes(carry);
      if (bar.dataset.m === "change") await ask(carry, show, fields);
      else await edit(carry, show, fields);
    } catch (refusal) {
      carrying.back(carry);
      if (!(refusal instanceof callboard.Refused)) throw refusal;
      callboard.toast(callboard.told(refusal), { kind: "bad", seconds: 15 });
    } finally {
      bar.classList.remove("sent");
      if (!isOffering()) board.focus(document.getElementById(bar.id), { scroll: null });
      stale();
    }
  }

  async function edit(carry, show, fields) {
    const { bar } = carry;
    const url = `/api/v1/shows/${show.id}`;
    let answer;
    try {
      answer = await callboard.send("PATCH", url, fields, { version: bar.dataset.v });
    } catch (refusal) {
      // Confirmed a moment ago: then it is a question.
      if (refusal.problem?.code === "needs_change") return ask(carry, show, fields);
      if (!isConflict(refusal)) throw refusal;
      return refused(carry, show, fields, refusal);
    }
    settle(carry, answer);
    const request = (body) => ({ method: "PATCH", url, body, show: show.id });
    history.did({ what: told("moved", carry), undo: [request(pick(show, fields))], redo: [request(fields)] });
    const findings = await carrying.check(answer.data, {}, { suggestions: true });
    if (findings.some((each) => each.severity === "block")) offer(carry, word("stands", { name: show.name }), findings);
  }

  /** The bar is where the server has it now, until the board is read anew. */
  function settle({ bar, start, minutes }, answer) {
    Object.assign(bar.dataset, { s: start, d: minutes, v: answer.version });
    delete bar.dataset.l;
    board.place(bar);
    history.left(board.idOf(bar), answer.version);
  }

  // ---- asking for a change ------------------------------------------------------------------------------

  async function ask(carry, show, fields) {
    const chosen = await choose(carry, fields);
    if (!chosen) return carrying.back(carry);
    const plan = show.schedule_id ? `schedules/${show.schedule_id}` : `shows/${show.id}`;
    const url = `/api/v1/${plan}/changes`;
    const body = { ...chosen, operations: [{ op: "update", show_id: show.id, set: fields }] };
    let answer;
    try {
      answer = await callboard.send("POST", url, body);
    } catch (refusal) {
      if (!isConflict(refusal)) throw refusal;
      return refused(carry, show, fields, refusal, chosen);
    }
    const isApplied = answer.data.status === "approved";
    const what = told(isApplied ? "moved" : "asked", carry);
    if (!isApplied) carrying.back(carry);
    const redo = { method: "POST", url, body };
    const before = pick(show, fields);
    history.did({ what, undo: history.undoOfChange(answer.data, redo, before), redo: [redo], renew: before });
  }

  /** Asks by which category, as what and why; null for not at all. */
  function choose(carry, fields) {
    const dialog = document.getElementById("board-change");
    const form = dialog.querySelector("form");
    const kinds = new Set(Object.keys(fields).map((name) => TYPES[name]));
    form.elements.type.value = kinds.size === 1 ? [...kinds][0] : "OTHER";
    dialog.querySelector(".what").textContent = told("moved", carry);
    dialog.returnValue = "";
    dialog.showModal();
    form.elements.reason.focus();
    return new Promise((done) => {
      const closed = () => {
        const { category, type, reason } = Object.fromEntries(new FormData(form));
        done(dialog.returnValue === "yes" ? { category, type, reason } : null);
      };
      dialog.addEventListener("close", closed, { once: true });
    });
  }

  // ---- refusals and ways out ----------------------------------------------------------------------------

  /** Springs back, says who is there, and what could be done. `chosen`: how a change was asked for. */
  async function refused(carry, show, fields, refusal, chosen) {
    carrying.back(carry);
    const findings = await carrying.check(show, fields, { suggestions: true }).catch(() => []);
    const told = findings.length ? findings : (refusal.problem.conflicts ?? []);
    const head = `${word("taken", { name: show.name })}. ${word("refused", { name: show.name })}.`;
    offer(carry, head, told, chosen);
  }

  const popover = () => document.getElementById("board-way");
  const isOffering = () => popover().open;

  /** The popover: who holds it, and up to three ways out with a button each. */
  function offer({ bar }, head, findings, chosen) {
    const dialog = popover();
    const blocking = findings.filter((each) => each.severity === "block");
    const shown = blocking.length ? blocking : findings;
    dialog.querySelector("h2").textContent = head;
    dialog.querySelector(".why").textContent = shown.slice(0, WAYS).map((each) => each.message).join("\n");
    const ways = new Map(shown.flatMap((each) => each.suggestions).filter((way) => way.request).map((way) => [way.title, way]));
    const buttons = [...ways.values()].slice(0, WAYS).map((way) => wayButton(way, dialog, chosen));
    dialog.querySelector(".ways").replaceChildren(...buttons);
    if (!dialog.open) dialog.show();
    (buttons[0] ?? dialog.querySelector("h2")).focus();
    callboard.say(`${head} ${dialog.querySelector(".why").textContent}`);
    dialog.addEventListener("close", () => board.focus(document.getElementById(bar.id)), { once: true });
  }

  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && isOffering() && !document.querySelector("dialog:modal")) popover().close();
  });

  function wayButton(way, dialog, chosen) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = way.title;
    button.addEventListener("click", () => {
      dialog.close();
      apply(way, chosen);
    });
    return button;
  }

  async function apply(way, chosen) {
    const { method, path: url, body, if_match } = way.request;
    const isChange = url.endsWith("/changes");
    const asked = isChange && chosen ? { ...body, ...chosen, type: body.type } : body;
    try {
      const answer = await callboard.send(method, url, asked, { version: if_match?.replaceAll('"', "") });
      const what = way.title;
      const redo = { method, url, body: asked };
      if (isChange) {
        const before = from(way.changes[0]);
        history.did({ what, undo: history.undoOfChange(answer.data, redo, before), redo: [redo], renew: before });
      } else {
        if (method === "PATCH") history.left(answer.data.id, answer.version);
        else for (const each of way.changes) history.left(each.show_id);
        const undo = way.changes.map((each) => patch(each.show_id, from(each)));
        const again = way.changes.map((each) => patch(each.show_id, now(each)));
        history.did({ what, undo, redo: again });
      }
    } catch (refusal) {
      if (!(refusal instanceof callboard.Refused)) throw refusal;
      callboard.toast(callboard.told(refusal), { kind: "bad", seconds: 15 });
    } finally {
      stale();
    }
  }

  const patch = (id, body) => ({ method: "PATCH", url: `/api/v1/shows/${id}`, body, show: id });
  const side = (altered, name) =>
    Object.fromEntries(Object.entries(altered.fields).map(([field, values]) => [field, values[name]]));
  const from = (altered) => side(altered, "from");
  const now = (altered) => side(altered, "to");

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
    asked.set("end", board.instant(begins + (minutes ?? 2 * HOUR)));
    callboard.openPanel(`/shows/new?${asked}`);
  }

  /** A show that the form at the side drafted can be undone like the rest. */
  document.addEventListener("callboard:done", ({ target, detail }) => {
    const drafts = /^POST \/api\/v1\/(shows|schedules\/[^/]+\/shows)$/.test(target.dataset.send ?? "");
    if (!drafts || !detail.data) return;
    const shows = detail.data.items ?? [detail.data];
    for (const show of shows) history.left(show.id, show.version);
    const undo = shows.map(({ id }) => ({ method: "DELETE", url: `/api/v1/shows/${id}`, show: id }));
    const redo = shows.map(({ id }) => ({ method: "POST", url: `/api/v1/shows/${id}/restore`, show: id }));
    history.did({ what: word("drafted", { name: shows[0].name }), undo, redo });
    stale();
  });

  return { drop, draft };
})();
