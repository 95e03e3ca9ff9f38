// What every page does: sends commands to the API, tells refusals, hears of others' changes.
// The server decides everything: this file knows no rule and computes no date.
"use strict";

const callboard = (() => {
  const TRIES = 4;
  const PATIENCE_MS = 15_000;
  const words = JSON.parse(document.getElementById("words").textContent);

  /** A text of the catalogue's part `script`, with its `{names}` filled in. */
  const word = (key, values = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  const { who, forms } = document.body.dataset;
  let keeper = null;
  let helping = null;
  /** What forms need beyond being sent, forms.js: fetched once there is something to send. */
  const keep = () => (keeper ??= import(forms).then((module) => (helping = module)).catch(() => (keeper = null)));
  const drafts = `drafts ${who}`;
  const TOLD = "callboard.told";

  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  /** Says something to who can't see the page. */
  function say(text) {
    const live = document.getElementById("live");
    live.textContent = "";
    requestAnimationFrame(() => (live.textContent = text));
  }

  /** A message at the corner. `action` gives it a button {label, run}, or a link {label, href}. */
  function toast(text, { kind = "", action, seconds = 8 } = {}) {
    const box = document.getElementById("toasts");
    const note = document.createElement("div");
    note.className = `toast ${kind}`;
    const span = document.createElement("span");
    span.textContent = text;
    note.append(span);
    if (action) {
      const button = document.createElement(action.href ? "a" : "button");
      Object.assign(button, action.href ? { href: action.href } : { type: "button" });
      button.textContent = action.label;
      button.addEventListener("click", () => {
        note.remove();
        action.run?.();
      });
      note.append(button);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "icon";
    close.textContent = "✕";
    close.setAttribute("aria-label", word("close"));
    close.addEventListener("click", () => note.remove());
    note.append(close);
    box.append(note);
    [...box.children].slice(0, -3).forEach((old) => old.remove());
    setTimeout(() => note.remove(), seconds * 1000);
    return note;
  }

  /** What went wrong before is old once something else is done. */
  const calm = () => document.querySelectorAll("#toasts .bad").forEach((old) => old.remove());

  // ---- sending ------------------------------------------------------------------------------------

  /** A refusal: `problem` is the API's problem document, `status` its HTTP status, 0 without an answer. */
  class Refused extends Error {
    constructor(problem, status) {
      super(problem.detail ?? word("failed"));
      this.problem = problem;
      this.status = status;
    }
  }

  const newKey = () =>
    [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");

  const typeOf = (body) => (body instanceof Blob ? body.type || "application/octet-stream" : "application/json");

  /** One request to the API, with a file as it is and all else as JSON; answers {data, version, status}, or throws Refused. A POST carries a key of its
   * own, so that it is sent again without harm where the network failed. */
  async function send(method, url, body, { version, key = newKey(), patience = PATIENCE_MS } = {}) {
    const headers = { Accept: "application/json", "Accept-Language": document.documentElement.lang };
    if (body !== undefined) headers["Content-Type"] = typeOf(body);
    if (version !== undefined && version !== null && version !== "") headers["If-Match"] = `"${version}"`;
    if (method === "POST") headers["Idempotency-Key"] = key;
    const repeatable = method === "GET" || method === "POST";
    for (let tried = 1; ; tried += 1) {
      let answer;
      try {
        const signal = AbortSignal.timeout(patience);
        answer = await fetch(url, { method, headers, body: body instanceof Blob ? body : JSON.stringify(body), signal });
      } catch {
        if (!repeatable || tried === TRIES) throw new Refused({ code: "network", detail: word("network") }, 0);
        say(word("trying_again"));
        await pause(300 * 2 ** tried);
        continue;
      }
      if (answer.status === 503 && repeatable && tried < TRIES) {
        await pause(300 * 2 ** tried);
        continue;
      }
      return read(answer);
    }
  }

  async function read(answer) {
    const text = await answer.text();
    const isJson = /json/.test(answer.headers.get("content-type") ?? "");
    const data = isJson && text ? JSON.parse(text) : null;
    if (!answer.ok) {
      if (answer.status === 401) sessionEnded();
      throw new Refused(data ?? { code: "failed", detail: word(answer.status < 500 ? "failed" : "unwell") }, answer.status);
    }
    const version = answer.headers.get("etag")?.replaceAll('"', "");
    return { data, version, status: answer.status };
  }

  /** The session is over: nothing that is on the page is lost while one signs in again, here or in another tab. */
  function sessionEnded() {
    const dialog = document.getElementById("ended");
    const next = location.pathname + location.search;
    for (const link of dialog.querySelectorAll("a")) link.href = `/sign-in?why=ended&next=${encodeURIComponent(next)}`;
    if (dialog.open) return;
    dialog.showModal();
    keep().then((forms) => forms?.ended(dialog));
  }

  /** A refusal in words: what is wrong with which field, who is in the way, or the problem's own text. */
  function told(refusal) {
    const { problem, status } = refusal;
    if (!problem) return String(refusal.message ?? refusal);
    if (status === 412 || problem.code === "stale") return word("stale");
    const found = [...(problem.conflicts ?? []), ...(problem.errors ?? [])].slice(0, 5);
    const lines = found.map((each) => (each.label ? `${each.label}: ${each.message}` : each.message));
    return [problem.detail, ...new Set(lines.filter((each) => !problem.detail?.includes(each)))].filter(Boolean).join("\n");
  }

  /** Findings that say nothing about the place. */
  const ASIDE = new Set(["missing_room", "missing_creator", "missing_platform", "in_the_past", "outside_period"]);

  /** What stops a plan before what doesn't, rooms before who hosts. */
  const rank = ({ severity, code }) => (severity === "block" ? 0 : 2) + code.startsWith("creator");

  /** What would be in the way of a show with these fields, as findings, the worst first. */
  async function check(show, fields, { suggestions = false } = {}) {
    const { id, name, start, end: ends, room_id, creators, platforms, show_standard, studio_id } = show;
    const own = { id, name, start, end: ends, room_id, creators, platforms, show_standard, studio_id };
    if (show.schedule_id) own.schedule_id = show.schedule_id;
    const body = { shows: [{ ...own, ...fields }], suggestions };
    const { data } = await send("POST", "/api/v1/conflicts/check", body);
    return data.items.filter((each) => !ASIDE.has(each.code) && !each.waived).sort((a, b) => rank(a) - rank(b));
  }

  /** Of findings: the first three reasons, line by line. */
  const reasons = (findings) => [...new Set(findings.map((each) => each.message))].slice(0, 3).join("\n");

  // ---- forms and buttons --------------------------------------------------------------------------

  /** Puts a value at a path such as `shows.0.name`; numbers make lists. */
  function put(target, path, value) {
    const parts = path.split(".");
    let at = target;
    parts.slice(0, -1).forEach((part, index) => {
      at[part] ??= /^\d+$/.test(parts[index + 1]) ? [] : {};
      at = at[part];
    });
    at[parts.at(-1)] = value;
  }

  function rawOf(field, initial) {
    if (field.type === "checkbox") return initial ? field.defaultChecked : field.checked;
    if (field.multiple && field.options) {
      const chosen = (option) => (initial ? option.defaultSelected : option.selected);
      return [...field.options].filter(chosen).map((option) => option.value);
    }
    if (field.options) {
      const first = [...field.options].find((option) => option.defaultSelected) ?? field.options[0];
      return initial ? (first?.value ?? "") : field.value;
    }
    return initial ? field.defaultValue : field.value;
  }

  /** Of a field, as the API takes it. `data-as`: number, boolean, lines, json; `data-empty`: null or omit. */
  function valueOf(field, initial = false) {
    const raw = rawOf(field, initial);
    if (raw === "" && field.dataset.empty === "null") return null;
    if (raw === "" && field.dataset.empty === "omit") return undefined;
    switch (field.dataset.as ?? field.type) {
      case "number":
        return raw === "" ? null : Number(raw);
      case "boolean":
        return raw === true || raw === "true";
      case "lines":
        return raw.split("\n").map((line) => line.trim()).filter(Boolean);
      case "json":
        return raw.trim() === "" ? {} : parsed(field, raw);
      default:
        return raw;
    }
  }

  function parsed(field, raw) {
    try {
      return JSON.parse(raw);
    } catch (error) {
      throw new Refused({ errors: [{ path: placeOf(field, field.name), message: error.message }] }, 422);
    }
  }

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

  /** Where a field's value goes: in a form with `data-wrap=PATH` under that path, unless it is in `[data-outer]`. */
  function placeOf(field, path) {
    const { wrap } = field.closest("form").dataset;
    return wrap && !field.closest("[data-outer]") ? `${wrap}.${path}` : path;
  }

  const wholeOf = (field) => field.closest("[data-instant], [data-rows]");

  /** What a form says, as a body for the API, on top of what `body` has. In a form with `data-changed` only what
   * was changed. Fields inside `[data-instant=PATH]` (`day`, `time`, perhaps `second`) become one instant, which
   * the server reckons; with `data-day=PATH` it ends what that group begins, and the day is that one's. `[data-rows=PATH]` becomes a list with an
   * object for each `[data-row]` whose checkbox is set. */
  async function bodyOf(form, body = {}) {
    const lists = new Map();
    const changed = (field) => "changed" in form.dataset && !field.closest("[data-outer]");
    if (form.dataset.wrap) put(body, form.dataset.wrap, {});
    for (const field of form.elements) {
      if (!field.name || field.matches(":disabled") || wholeOf(field)) continue;
      if (["submit", "button", "fieldset"].includes(field.type)) continue;
      if (field.type === "radio" && !field.checked) continue;
      if (field.dataset.as === "list") {
        const list = lists.get(field.name) ?? { now: [], before: [], field };
        lists.set(field.name, list);
        const one = "number" in field.dataset ? +field.value : field.value;
        if (field.checked) list.now.push(one);
        if (field.defaultChecked) list.before.push(one);
        continue;
      }
      const value = valueOf(field);
      if (value === undefined) continue;
      if (changed(field) && same(value, valueOf(field, true))) continue;
      put(body, placeOf(field, field.name), value);
    }
    for (const [name, { now, before, field }] of lists) {
      if (!(changed(field) && same(now, before))) put(body, placeOf(field, name), now);
    }
    for (const group of form.querySelectorAll("[data-rows]:not(:disabled)")) {
      const rows = rowsOf(group);
      if (!(changed(group) && same(rows, rowsOf(group, true)))) put(body, placeOf(group, group.dataset.rows), rows);
    }
    for (const group of form.querySelectorAll("[data-instant]:not(:disabled)")) {
      const fields = [...group.querySelectorAll("input, select"), ...startOf(form, group, "day")];
      if (changed(group) && fields.every((each) => same(rawOf(each), rawOf(each, true)))) continue;
      put(body, placeOf(group, group.dataset.instant), await instantOf(group, fields, startOf(form, group, "time")[0]));
    }
    return body;
  }

  const startOf = (form, { dataset: { day } }, name) =>
    day ? form.querySelectorAll(`[data-instant="${CSS.escape(day)}"] [name=${name}]`) : [];

  function rowsOf(group, initial = false) {
    const isIn = (row) => rawOf(row.querySelector("[type=checkbox]"), initial);
    return [...group.querySelectorAll("[data-row]")].filter(isIn).map((row) => {
      const fields = [...row.querySelectorAll("[name]")].map((each) => [
        each.name,
        each.type === "checkbox" ? each.value : valueOf(each, initial),
      ]);
      return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
    });
  }

  async function instantOf(group, fields, begins) {
    const asked = new URLSearchParams({ studio_id: group.dataset.studio, after: begins?.value ?? "" });
    for (const field of fields) {
      if (field.type !== "checkbox" || field.checked) asked.set(field.name, field.value);
    }
    try {
      return (await send("GET", `/studio-time?${asked}`)).data.instant;
    } catch (refusal) {
      // Told at the group's own field: the API would name the instant.
      for (const each of refusal.problem?.errors ?? []) each.path = placeOf(group, group.dataset.instant);
      throw refusal;
    }
  }

  /** What was sent is what the form begins with from now on: it has no changes any more. */
  function settle(form) {
    for (const field of form.elements) {
      if (field.options) for (const option of field.options) option.defaultSelected = option.selected;
      else if (["checkbox", "radio"].includes(field.type)) field.defaultChecked = field.checked;
      else if (field.type !== "button" && field.type !== "submit") field.defaultValue = field.value;
    }
  }

  /** Asks before something that matters; with `field` also for a text, which is kept under `draft` until it was sent.
   * Answers null for no, else {field: text}. */
  function ask(text, { field, required = true, act = "", careful = false, draft } = {}) {
    const dialog = document.getElementById("ask");
    const form = dialog.querySelector("form");
    const box = form.querySelector("textarea");
    form.querySelector("p").textContent = text;
    form.querySelector("label").hidden = !field;
    const called = form.querySelector("label span");
    called.textContent = required ? called.dataset.needed : called.dataset.optional;
    const [no, yes] = form.querySelectorAll("button");
    // Beside what takes something away, “Cancel” could be meant either way.
    no.textContent = careful ? no.dataset.keep : no.dataset.words;
    yes.textContent = act || yes.dataset.words;
    yes.className = careful ? "danger" : "";
    box.disabled = !field;
    box.required = Boolean(field) && required;
    box.value = sessionStorage[draft] ?? "";
    dialog.returnValue = "";
    dialog.showModal();
    // Whoever types means the text, though none is needed; Enter goes on, as from the button, but into no harm.
    (field ? box : careful ? no : yes).focus();
    return new Promise((done) => {
      const closed = () => {
        if (field && draft) sessionStorage[draft] = box.value;
        done(dialog.returnValue === "yes" ? (field ? { [field]: box.value } : {}) : null);
      };
      dialog.addEventListener("close", closed, { once: true });
    });
  }

  document.querySelector("#ask textarea")?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector('button[value="yes"]'));
  });

  /** What the button says that sends an element: without its key, and without the dots that promise a question. */
  function actOf(element) {
    const button = element instanceof HTMLFormElement ? element.querySelector("button:not([type=button])") : element;
    if (!button) return "";
    const bare = button.cloneNode(true);
    for (const hint of bare.querySelectorAll("[aria-hidden]")) hint.remove();
    return (button.ariaLabel || bare.textContent).replace("…", "").trim();
  }

  /** Does what `data-send="POST /api/v1/..."` of a form or button says, once at a time.
   * `data-version` becomes If-Match; `data-body` JSON is sent along; `data-confirm` asks first, with `data-ask=FIELD`
   * for a text. Then `data-then`: `refresh` (default), `close`, `none`, or `go:/path/{id}` with fields of the answer, or
   * `open:/path/{id}`, which in a panel shows that page in it. `data-done` is told then, with fields too. Before that
   * the element says `callboard:done` with {data, version, status}, or `callboard:refused` with the refusal. */
  async function command(element) {
    if (element.ariaBusy === "true") return;
    const { send: what, version, then = "refresh", confirm } = element.dataset;
    const [method, url] = what.split(" ");
    const isForm = element instanceof HTMLFormElement;
    let extra = {};
    if (confirm) {
      const required = element.dataset.asked !== "optional";
      const careful = method === "DELETE" || element.matches(".danger");
      const draft = `${who} ${what}`;
      extra = await ask(confirm, { field: element.dataset.ask, required, act: element.dataset.act ?? actOf(element), careful, draft });
      if (!extra) return;
    }
    element.ariaBusy = "true";
    calm();
    try {
      const given = element.dataset.body ? JSON.parse(element.dataset.body) : {};
      const body = { ...(isForm ? await bodyOf(element, given) : given), ...extra };
      const bare = method === "DELETE" || (!isForm && !element.dataset.body && !confirm);
      // A form that is sent again after the network failed keeps its key: it is done once.
      const print = JSON.stringify([what, body]);
      if (element.sentPrint !== print) Object.assign(element, { sentPrint: print, sentKey: newKey() });
      const answer = await send(method, url, bare ? undefined : body, { version, key: element.sentKey });
      element.sentPrint = undefined;
      delete sessionStorage[`${who} ${what}`];
      if (isForm) (await keep())?.clearProblems(element);
      if (isForm && then !== "reset") settle(element);
      const done = filled(element.dataset.done ?? "", answer.data);
      // The page that comes next says it.
      if (done && then.startsWith("go:")) sessionStorage.setItem(TOLD, done);
      else if (done) toast(done);
      const goesOn = element.dispatchEvent(
        new CustomEvent("callboard:done", { bubbles: true, cancelable: true, detail: answer }),
      );
      if (goesOn) await afterwards(element, then, answer.data);
    } catch (refusal) {
      if (!(refusal instanceof Refused)) throw refusal;
      const goesOn = element.dispatchEvent(
        new CustomEvent("callboard:refused", { bubbles: true, cancelable: true, detail: refusal }),
      );
      if (!goesOn || refusal.status === 401) return;
      const keeping = isForm && (await keep());
      if (keeping) return keeping.showProblems(element, refusal);
      const isStale = refusal.status === 412 && !isForm;
      const at = element.closest("#panel, #content");
      if (isStale) await refresh();
      const last = isStale && at?.querySelector("[data-last]")?.dataset.last;
      toast(last ? word("stale_by", { who: last }) : told(refusal), { kind: "bad", seconds: 15 });
    } finally {
      element.ariaBusy = null;
    }
  }

  const within = (data, path) => path.split(".").reduce((at, part) => at?.[part], data);
  const filled = (text, data, as = String) =>
    text.replace(/\{([\w.]+)\}/g, (_, name) => as(within(data, name) ?? ""));

  async function afterwards(element, then, data) {
    const [where, ...path] = then.split(":");
    if (where === "go" || where === "open") {
      const href = filled(path.join(":"), data, encodeURIComponent);
      const panel = element.closest("#panel");
      if (where === "go" || !panel) return location.assign(href);
      await openPanel(href);
      return refresh();
    }
    if (then === "close") element.closest("dialog")?.close();
    if (then === "reset") element.reset();
    if (then !== "none") await ((await keeper)?.renew ?? refresh)();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.dataset.send) return;
    event.preventDefault();
    if (helping) return command(form);
    // It says where a form goes and what is asked before; without it nothing is sent.
    keep().then((is) => (is ? form.requestSubmit() : toast(word("network"), { kind: "bad" })));
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-send]");
    if (button) command(button);
    const link = event.target.closest("a[data-panel]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      openPanel(link.href);
    }
    if (event.target.closest("[data-close]")) leave(event.target.closest("dialog"));
  });

  // A link that is told as a button is pressed like one.
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || !event.target.matches("a[role=button]")) return;
    event.preventDefault();
    event.target.click();
  });

  // A field with `data-submit` sends its form once it is changed; by keys, which change it with each letter of a
  // list and each part of a date, only with Enter or once it is left. On the page that follows it has the focus.
  const KEPT = "callboard.field";
  let keyed = null;
  let waits = null;

  function submit(field) {
    waits = null;
    sessionStorage.setItem(KEPT, field.name);
    field.form?.requestSubmit();
  }

  document.addEventListener("pointerdown", () => (keyed = null), { capture: true });
  document.addEventListener("keydown", (event) => {
    keyed = event.target;
    if (event.key !== "Enter" || waits !== keyed) return;
    event.preventDefault();
    submit(keyed);
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.matches("[data-submit]")) return;
    if (target === keyed && target.type !== "checkbox") waits = target;
    else submit(target);
  });
  document.addEventListener("focusout", ({ target }) => target === waits && submit(target));

  const kept = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (kept) document.querySelector(`[data-submit][name="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });

  // ---- the page and its panel ---------------------------------------------------------------------

  /** Where the thing that had the focus is gone or hidden, the heading of its part has it: who goes on by keys is
   * not sent to the top of the page. */
  function refocus(before, root) {
    const isThere = before?.checkVisibility();
    // A heading that has it loses it again to the next refresh: it can't be focused as the server sends it.
    const isHead = isThere && before.matches("h1, h2") && before !== document.activeElement;
    if ((isThere && !isHead) || ![document.body, before].includes(document.activeElement)) return;
    const head = isHead ? before : root.querySelector("h1, h2");
    if (!head) return;
    head.tabIndex = -1;
    head.focus();
  }

  /** Shows this page as it is now: what changed is changed in place, focus and scroll stay. */
  async function refresh() {
    const here = location.pathname + location.search;
    const panel = document.getElementById("panel");
    const before = document.activeElement;
    if (document.getElementById("content").dataset.own === undefined) {
      await htmx.ajax("GET", here, { target: "#content", select: "#content", swap: "outerMorph" });
      refocus(before, document.getElementById("content"));
      // Narrowed meanwhile: what came was asked for before.
      if (location.pathname + location.search !== here) return refresh();
    }
    if (panel.open && panel.dataset.href && !isDirty(panel)) await openPanel(panel.dataset.href);
    document.dispatchEvent(new CustomEvent("callboard:refreshed"));
  }

  let coming;
  /** htmx is there, which puts pages into pages. The board loads it with its first panel: nothing else there needs it. */
  function htmxed() {
    if (window.htmx) return undefined;
    coming ??= new Promise((onload, onerror) => {
      const src = document.querySelector("[data-later]").dataset.later;
      document.head.append(Object.assign(document.createElement("script"), { src, onload, onerror }));
    }).finally(() => (coming = undefined));
    return coming;
  }

  const mayLeave = async (root) =>
    !isDirty(root) || (await ask(word("leave"), { act: word("drop"), careful: true })) !== null;

  /** Closes a dialog, but asks where it has something half-typed. */
  async function leave(dialog) {
    if (await mayLeave(dialog)) dialog.close();
  }

  const prepare = (root) => root.querySelector("[data-send], template, form.filters") && keep().then((forms) => forms?.begun(root));

  const holds = (root) => root.contains(document.activeElement) || document.activeElement === document.body;
  const made = (tag, textContent, more) => Object.assign(document.createElement(tag), { textContent, ...more });

  let opening;
  /** The page whose content is at the side. */
  let shown;
  /** What it was opened from last, which has the focus again when it is closed. */
  let back;

  /** Opens a page's content at the side. Every page can be one: it is asked for with HX-Request. Another page than is
   * there is told at once, by its `name` where that is known, and what is there is gone: no button of one thing stands
   * under the name of another. The last one that was asked for is shown; closing the panel asks for none. Answers
   * whether that was this one. */
  async function openPanel(href, name = "") {
    const panel = document.getElementById("panel");
    if (panel.open && !(await mayLeave(panel))) return false;
    const box = document.getElementById("panel-content");
    const { activeElement: before } = document;
    opening?.abort();
    const { signal } = (opening = new AbortController());
    const isNew = !panel.open || shown !== href;
    const wasOpen = panel.open;
    panel.dataset.href = href;
    if (isNew) {
      shown = undefined;
      const heading = name ? [made("p", "").appendChild(made("strong", name)).parentNode] : [];
      box.replaceChildren(...heading, made("p", word("loading"), { ariaBusy: "true" }));
    }
    if (isNew && !holds(panel)) back = before;
    if (!wasOpen) panel.show();
    try {
      const asked = { headers: { "HX-Request": "true" }, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) };
      const [[answer, text]] = await Promise.all([fetch(href, asked).then(async (got) => [got, await got.text()]), htmxed()]);
      if (answer.redirected && /sign-in/.test(answer.url)) return sessionEnded();
      // A refusal in words is a page too.
      if (answer.status >= 500 || !/html/.test(answer.headers.get("content-type"))) throw new Error(answer.status);
      const keeping = await keeper;
      if (signal.aborted) return false;
      const fetched = async () => new Response(text, { headers: answer.headers });
      const begin = keeping?.asBegun(box);
      await htmx.ajax("GET", href, { source: box, target: box, swap: isNew ? "innerHTML" : "innerMorph", fetch: fetched });
      begin?.();
    } catch {
      if (signal.aborted) return false;
      if (!isNew) return toast(word("network"), { kind: "bad" });
      delete panel.dataset.href;
      const again = made("button", word("again"), { type: "button", onclick: () => openPanel(href, name) });
      box.lastElementChild.replaceWith(made("p", word("unloaded"), { role: "alert" }), again);
      if (holds(panel)) again.focus();
      return true;
    }
    shown = href;
    prepare(panel);
    const head = box.querySelector("h1, h2");
    if (head) panel.setAttribute("aria-labelledby", (head.id ||= "panel-head"));
    if (wasOpen) refocus(before, panel);
    else if (holds(panel)) {
      const wanted = ["[autofocus]", "#panel-content :is(h1, h2)[tabindex]", "#panel-content [data-send] :is(input, select, textarea)", "button"];
      wanted.map((each) => panel.querySelector(each)).find(Boolean)?.focus();
    }
    return true;
  }

  document.getElementById("panel").addEventListener("close", () => {
    opening?.abort();
    if (back?.isConnected) back.focus();
    back = null;
  });

  const isDirty = (root) =>
    [...root.querySelectorAll("form[data-send] :is(input, textarea, select)[name]:not([form])")].some(
      (field) => !same(rawOf(field), rawOf(field, true)),
    );

  document.addEventListener("keydown", (event) => {
    const panel = document.getElementById("panel");
    if (event.key !== "Escape" || !panel.open || document.querySelector("dialog:modal")) return;
    event.preventDefault(); // Or the question is closed by the same key.
    leave(panel);
  });

  // A menu is closed by Escape, and by a press or the focus elsewhere; a question that it asks is of it.
  const menu = () => !document.querySelector("dialog:modal") && document.querySelector("details.menu[open]");
  for (const left of ["pointerdown", "focusin"]) {
    document.addEventListener(left, ({ target }) => {
      const open = menu();
      if (open && !open.contains(target)) open.open = false;
    });
  }
  document.addEventListener(
    "keydown",
    (event) => {
      const open = event.key === "Escape" && menu();
      if (!open) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      open.open = false;
      open.firstElementChild.focus();
    },
    { capture: true },
  );

  // ---- others' changes ----------------------------------------------------------------------------

  let source = null;
  let seen = document.getElementById("content").dataset.position;

  /** Listens to the live stream, for pages that say `data-position` (the log's when they were made). Each
   * announcement is a `callboard:change` event on the document. */
  function listen() {
    if (source || seen === undefined || document.hidden) return;
    source = new EventSource(`/api/v1/stream?after=${seen}`);
    source.addEventListener("open", () => delete document.body.dataset.offline);
    source.addEventListener("position", ({ lastEventId }) => {
      if (lastEventId !== seen) document.dispatchEvent(new CustomEvent("callboard:position"));
      seen = lastEventId;
    });
    source.addEventListener("change", (event) => {
      seen = event.lastEventId;
      document.dispatchEvent(new CustomEvent("callboard:change", { detail: JSON.parse(event.data) }));
    });
    source.addEventListener("error", async () => {
      document.body.dataset.offline = "";
      if (source?.readyState !== EventSource.CLOSED) return;
      source = null;
      await pause(1_000);
      // A stream does not say why it was refused: a session that is over is told here.
      await send("GET", "/api/v1/me").then(listen, (refusal) => refusal.status !== 401 && listen());
    });
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) return listen();
    source?.close();
    source = null;
  });
  addEventListener("pagehide", () => source?.close());

  let waiting = 0;
  /** A page that names ids in `data-refresh` (or kinds such as `room_*`, or `*`) is shown anew when one of them
   * changes, and so is a panel with an element that does; but not under a form that is being filled in, which is
   * told by `callboard:held` on the document, or that says `data-hold`. */
  document.addEventListener("callboard:change", ({ detail }) => {
    const content = document.getElementById("content");
    const wanted = [content, document.querySelector("#panel[open] [data-refresh]")].map((each) => each?.dataset.refresh);
    const changed = [...detail.schedules, ...detail.shows, ...detail.rows, ...detail.runs];
    const kinds = (ids) => ids.split(" ").flatMap((each) => (each.endsWith("_*") ? [each.slice(0, -1)] : []));
    const among = (ids) => (id) => ids.includes(id) || kinds(ids).some((kind) => id.startsWith(kind));
    const concerns = (ids) => ids === "*" || (ids !== undefined && changed.some(among(ids)));
    if (!wanted.some(concerns)) return;
    clearTimeout(waiting);
    const at = seen;
    waiting = setTimeout(async function again() {
      const busy = document.querySelector("dialog:modal, [aria-busy=true], [data-hold]");
      const typing = isDirty(content);
      if (!busy && !typing) return refresh();
      waiting = setTimeout(again, 1_000);
      if (!busy && content.dataset.position < +at) document.dispatchEvent(new CustomEvent("callboard:held", { detail: at }));
    }, 200);
  });

  /** How much waits in the inbox, as the navigation says it: soon, and after others' changes, two seconds apart. */
  let counting = 0;
  let again = 300;
  const countSoon = () => (counting ||= setTimeout(count, again - performance.now()));
  async function count() {
    counting = 0;
    again = performance.now() + 2_000;
    const answer = await fetch("/inbox/count", { headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.ok && !answer.redirected) document.getElementById("inbox-count").innerHTML = await answer.text();
  }
  if (document.getElementById("inbox-count")) {
    countSoon();
    document.addEventListener("callboard:change", countSoon);
  }

  // The board has the studio and the day again that this tab had last.
  const places = `board ${who}`;
  for (const link of document.querySelectorAll('a[href="/board"]')) link.search = sessionStorage[places] ?? "";

  // Where not all places, tabs or days fit, the one where one is does.
  for (const each of document.querySelectorAll(":is(.places, .tabs, .board-past nav) [aria-current]")) {
    each.scrollIntoView({ inline: "center", block: "nearest" });
  }

  if (sessionStorage[TOLD]) toast(sessionStorage[TOLD]);
  sessionStorage.removeItem(TOLD);
  listen();
  if (sessionStorage[drafts]) keep();
  else prepare(document);
  return { word, say, toast, calm, send, Refused, told, check, reasons, ask, bodyOf, refresh, openPanel, sessionEnded, pause, rawOf, isDirty, drafts, places };
})();
