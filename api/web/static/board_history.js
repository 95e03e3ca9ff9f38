// Undo and redo: what this session did on the board, as requests that bring it back and requests that do it
// again. Kept for the tab, so that they outlive a change of day. Versions go along: what somebody else
// changed in between is refused, not overwritten.
"use strict";

board.history = (() => {
  const KEY = "callboard.board.history";
  const MOST = 50;
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
        button.title = list.at(-1)?.what ?? "";
      }
    }
  }

  /** Remembers the version that a command of ours left a show in. */
  function left(show, version) {
    if (version === undefined || version === null) delete kept.versions[show];
    else kept.versions[show] = String(version);
  }

  let note = null;

  /** What the last command did; the one before is no longer what Undo takes back. */
  function show(text, options) {
    note?.remove();
    note = callboard.toast(text, options);
  }

  /** Adds what was just done: {what, undo: [request], redo: [request]}; a request is {method, url, body, show}. */
  function did(entry, { quiet = false } = {}) {
    kept.done.push(entry);
    kept.undone.length = 0;
    save();
    const action = { label: word("undo"), run: () => undo() };
    if (quiet) callboard.say(entry.what);
    else show(entry.what, { action });
  }

  async function run(requests) {
    const answers = [];
    for (const { method, url, body, show } of requests) {
      const version = show ? kept.versions[show] : undefined;
      const answer = await callboard.send(method, url, body, { version });
      if (show) left(show, answer.version ?? answer.data?.version);
      answers.push(answer);
    }
    return answers;
  }

  /** Takes the last entry of one list, runs its requests, and puts it on the other. */
  async function turn(from, to, way, told, nothing) {
    const entry = from.pop();
    if (!entry) return callboard.say(word(nothing));
    try {
      const answers = await run(entry[way]);
      entry.renew && renew(entry, way, answers);
      to.push(entry);
      show(word(told, { what: entry.what }));
    } catch (refusal) {
      if (!(refusal instanceof callboard.Refused)) throw refusal;
      // Without an answer it may be tried again; what was refused stays refused.
      if (refusal.status === 0) from.push(entry);
      callboard.toast(callboard.told(refusal), { kind: "bad", seconds: 15 });
    } finally {
      save();
      document.dispatchEvent(new CustomEvent("board:stale"));
    }
  }

  /** A change that is asked for again is another one: its undo withdraws that. */
  function renew(entry, way, [answer]) {
    if (way === "redo") entry.undo = undoOfChange(answer.data, entry.redo[0], entry.renew);
  }

  /** What takes a change back: withdrawing it, or once it is applied another one to how it was. */
  function undoOfChange(change, asked, before) {
    if (change.status === "proposed") {
      return [{ method: "POST", url: `/api/v1/changes/${change.id}/withdraw`, body: {} }];
    }
    const [operation] = asked.body.operations;
    const body = { ...asked.body, operations: [{ ...operation, set: before }] };
    delete body.base_version;
    return [{ ...asked, body }];
  }

  const undo = () => turn(kept.done, kept.undone, "undo", "undone", "nothing_to_undo");
  const redo = () => turn(kept.undone, kept.done, "redo", "redone", "nothing_to_redo");

  save();
  return { did, left, undo, redo, undoOfChange };
})();
