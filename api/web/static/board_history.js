// Undo and redo: what this session did on the board, as requests that bring it back and requests that do it
// again. Kept for the tab, so that they outlive a change of day. Versions go along: what somebody else
// changed in between is refused, not overwritten.
"use strict";

board.history = (() => {
  const KEY = "callboard.board.history";
  const MOST = 50;
  const FORGOTTEN_MS = 60_000;
  const { word } = board;
  const kept = load();

  function load() {
    try {
      return JSON.parse(sessionStorage.getItem(KEY)) ?? { done: [], undone: [], versions: {} };
    } catch {
      return { done: [], undone: [], versions: {} };
    }
  }

  function save() {
    kept.done.splice(0, kept.done.length - MOST);
    sessionStorage.setItem(KEY, JSON.stringify(kept));
    for (const [name, list] of [["undo", kept.done], ["redo", kept.undone]]) {
      for (const button of document.querySelectorAll(`[data-do="${name}"]`)) {
        button.disabled = list.length === 0;
        const what = list.at(-1)?.what;
        button.title = what ?? "";
        button.ariaLabel = what ? `${word(name)}: ${what}` : null;
      }
    }
  }

  /** Remembers the version that a command of ours left a show in. */
  function left(show, version) {
    if (version === undefined || version === null) delete kept.versions[show];
    else kept.versions[show] = String(version);
  }

  /** The version of a show that was seen last: on the board, or in the answer to a command. */
  const seen = (show, shown) => Math.max(Number(shown), Number(kept.versions[show] ?? 0));

  const look = async (show) => (await callboard.send("GET", `/api/v1/shows/${show}`)).data;

  let last = Promise.resolve();
  /** Commands go one after the other: each begins with what the one before left. */
  function inTurn(run, { asks = 1 } = {}) {
    callboard.calm();
    under += asks;
    return (last = last.then(whileHere(run), whileHere(run)).finally(() => (under -= asks)));
  }

  let isLeft = false;
  addEventListener("pagehide", () => (isLeft = true));
  addEventListener("pageshow", () => (isLeft = false));
  /** Of a page that is left the next command does not begin because the one before was cut off. */
  const whileHere = (run) => () =>
    isLeft ? new Promise((back) => addEventListener("pageshow", back, { once: true })).then(run) : run();

  /** So many commands are on their way, or wait for that: who leaves now is asked. */
  let under = 0;
  addEventListener("beforeunload", (event) => under && event.preventDefault());

  let note = null;

  /** What the last command did; the one before is no longer what Undo takes back. */
  function show(text, options) {
    note?.remove();
    note = callboard.toast(text, options);
  }

  /** Adds what was just done: {what, undo: [request], redo: [request]}; a request is {method, url, body, show} or
   * with `shows` as a change has them; without `undo` it can't be taken back. */
  function did(entry, { quiet = false } = {}) {
    kept.done.push(entry);
    kept.undone.length = 0;
    save();
    const action = entry.undo && { label: word("undo"), run: () => takeBack(entry) };
    if (quiet) callboard.say(entry.what);
    else show(entry.what, { action });
    return entry;
  }

  /** Remembers a command that is on its way, as an entry with the show's `version` before, until it is `answered`. */
  function sends(entry) {
    kept.sent = [...(kept.sent ?? []), { ...entry, at: Date.now() }];
    save();
  }

  function answered() {
    kept.sent.pop();
    save();
  }

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b) || Date.parse(a) === Date.parse(b);

  /** The answer of some did not come, as the page was left or the network failed: what is done can be undone. */
  async function recover() {
    for (const each of under ? [] : [...(kept.sent ?? [])]) {
      const [{ show, body }] = each.redo;
      const now = await look(show).catch(() => null);
      const isOld = Date.now() - each.at > FORGOTTEN_MS;
      if (under || !kept.sent.includes(each) || (!isOld && (!now || now.version === each.version))) continue;
      kept.sent.splice(kept.sent.indexOf(each), 1);
      const isDone = now?.version === each.version + 1 && Object.keys(body).every((name) => same(body[name], now[name]));
      if (isDone) left(show, now.version);
      if (isDone) did(each);
      else save();
    }
  }

  document.addEventListener("callboard:change", recover);

  /** Adds a change that was asked for: {what, redo: request}, and the change as the API answered. */
  async function asked(change, { what, redo }, options) {
    const entry = { what, redo: [redo], renew: true };
    await renew(entry, change);
    return did(entry, options);
  }

  async function run(requests) {
    const answers = [];
    for (const { method, url, body, show, shows = [] } of requests) {
      const version = show ? kept.versions[show] : undefined;
      for (const each of shows) {
        const { version: now } = await look(each);
        if (kept.versions[each] && String(now) !== kept.versions[each]) throw new callboard.Refused({}, 412);
      }
      const answer = await callboard.send(method, url, body, { version });
      if (show) left(show, answer.version ?? answer.data?.version);
      for (const each of shows) left(each, (await look(each)).version);
      answers.push(answer);
    }
    return answers;
  }

  /** Takes the last entry of one list, runs its requests, and puts it on the other. */
  async function turn(from, to, way, told, nothing) {
    const entry = from.pop();
    if (!entry) return callboard.say(word(nothing));
    try {
      if (!entry[way]) throw new callboard.Refused({ detail: word("final") }, 409);
      const answers = await run(entry[way]);
      if (entry.renew && way === "redo") await renew(entry, answers[0].data);
      to.push(entry);
      show(word(told, { what: entry.what }));
    } catch (refusal) {
      if (!(refusal instanceof callboard.Refused)) throw refusal;
      // Without an answer, or without a session, it may be tried again; what was refused stays refused.
      if ([0, 401].includes(refusal.status)) from.push(entry);
      if (refusal.status === 401) return;
      const isDecided = refusal.status === 409 && /withdraw$/.test(entry[way]?.[0]?.url);
      const why = refusal.status === 412 ? word("moved_on") : isDecided ? word("decided") : callboard.told(refusal);
      const text = `${word(`not_${told}`, { what: entry.what })}\n${why}`;
      show(text, { kind: "bad", seconds: 15 });
    } finally {
      save();
      const shows = (entry[way] || []).flatMap(({ show }) => show ?? []);
      document.dispatchEvent(new CustomEvent("board:stale", { detail: { shows } }));
    }
  }

  /** Finds out what takes a change back: withdrawing it, or once it is applied another one to how it was. */
  async function renew(entry, change) {
    const [redo] = entry.redo;
    const shows = change.operations.map((each) => each.show_id);
    if (change.status === "proposed") {
      entry.undo = [{ method: "POST", url: `/api/v1/changes/${change.id}/withdraw`, body: {} }];
      return;
    }
    for (const each of shows) left(each, (await look(each)).version);
    const { base_version: _, ...body } = redo.body;
    const operations = change.operations.map((each) => back(each));
    entry.undo = operations.every(Boolean) && [{ ...redo, body: { ...body, operations }, shows }];
    redo.shows = shows;
    delete redo.body.base_version;
  }

  function back({ op, show_id, before }) {
    if (op === "update") return { op, show_id, set: before };
    return op === "add" && { op: "cancel", show_id, reason_category: "OTHER" };
  }

  const undo = () => inTurn(() => turn(kept.done, kept.undone, "undo", "undone", "nothing_to_undo"));
  const redo = () => inTurn(() => turn(kept.undone, kept.done, "redo", "redone", "nothing_to_redo"));
  /** Undoes this, if it is still what was done last. */
  const takeBack = (entry) => kept.done.at(-1) === entry && undo();

  /** Says more of what was done, beside its Undo. */
  const warn = (entry, text) => show(text, { action: { label: word("undo"), run: () => takeBack(entry) }, seconds: 20 });

  save();
  recover();
  return { did, warn, sends, answered, asked, left, seen, inTurn, undo, redo, takeBack };
})();
