// What forms do besides being sent: problems at their fields, what others changed meanwhile, what is kept when the
// session ends, long lists, where the focus goes. A module that callboard.js fetches once there is something to send.

const { word, say, toast, told, send, ask, check, reasons, bodyOf, refresh, openPanel, sessionEnded, pause, rawOf, isDirty, drafts } = callboard;

// ---- lists and aims -----------------------------------------------------------------------------------

/** Hides the labels of a list that don't have what was typed; chosen ones stay. */
function narrow(box) {
  const wanted = box.value.trim().toLowerCase();
  for (const label of box.closest("fieldset").querySelectorAll("label")) {
    if (label.contains(box)) continue;
    label.hidden = !label.textContent.toLowerCase().includes(wanted) && !label.querySelector(":checked");
  }
}

/** Makes the form send what the chosen option of `select[data-aim]` says; shows the fields that are for it,
 * those in `[data-when]` that name its kind. */
function aim(select) {
  const { form, selectedOptions } = select;
  const { kind, ...said } = selectedOptions[0].dataset;
  Object.assign(form.dataset, said);
  for (const group of form.querySelectorAll("[data-when]")) {
    group.disabled = group.hidden = !group.dataset.when.split(" ").includes(kind);
  }
}

/** Who decides a change as its form asks for it: `client`, `studio`, `none` where it is made at once, `own` where its
 * plan asks no client; undefined where no change is asked for. */
function decider(form) {
  const { approval } = form.querySelector("select[data-decides]:enabled")?.selectedOptions[0]?.dataset ?? {};
  return approval === "client" && !form.dataset.asks ? "own" : approval;
}

/** Says beside the category who decides. */
function tellDecider(form) {
  const who = decider(form);
  if (who) form.querySelector("#decides").textContent = form.querySelector("select[data-decides]").dataset[who];
}

const fieldOf = (field) =>
  field.closest("[data-instant]")?.dataset.instant ?? field.closest("[data-rows]")?.dataset.rows ?? field.name;

/** What a change is about is the type that covers the fields that it changes, unless somebody chose one. */
function tellType(form) {
  const select = form.querySelector("select[name=type]:enabled");
  if (!select || "chosen" in select.dataset) return;
  const begun = fieldsNow(form).filter((field) => field.name && !field.closest("[data-outer]") && isBegun(field));
  const covers = (option) => begun.every((field) => option.dataset.covers.split(" ").includes(fieldOf(field)));
  const found = begun.length && [...select.options].find(covers);
  select.value = found ? found.value : "OTHER";
}

// What passes over the other side is asked about, once, before it is sent.
const sure = new WeakSet();
document.addEventListener(
  "submit",
  ({ target: form }) => {
    const select = form.querySelector("select[data-decides]");
    if (!select) return;
    delete form.dataset.confirm;
    delete form.dataset.act;
    if (decider(form) === "none" && !sure.delete(form)) Object.assign(form.dataset, { confirm: select.dataset.sure, act: select.dataset.now });
  },
  { capture: true },
);

/** Where the clock is set back a time is there twice: then the form asks which is meant. */
async function askAgain(box) {
  const group = box.closest("[data-instant]");
  const first = box.form.querySelector(`[data-instant="${group.dataset.day}"]`) ?? group;
  const [day, time] = [first.querySelector("[name=day]").value, group.querySelector("[name=time]").value];
  const asked = new URLSearchParams({ studio_id: group.dataset.studio, day, time });
  if (first !== group) asked.set("after", first.querySelector("[name=time]").value);
  const { data } = await send("GET", `/studio-time?${asked}`).catch(() => ({}));
  const label = box.closest("label");
  label.hidden = !data?.twice;
  box.checked &&= !label.hidden;
}

/** A last day goes to the end of the first day's month, where it would be before that, or nobody has set it. */
async function follow(first) {
  const last = first.form?.querySelector(`[data-follows="${first.name}"]`);
  const [day, was] = [first.value, last?.value];
  if (!last || !day || (was !== last.defaultValue && was >= day)) return;
  const { data } = await send("GET", `/month-end?${new URLSearchParams({ day })}`).catch(() => ({}));
  if (data && first.value === day && last.value === was) last.value = last.defaultValue = data.last;
}

const DAY_MS = 86_400_000;

/** Settles once nothing is pressed: what makes a form longer moves no button under a finger. */
let released = Promise.resolve();
document.addEventListener(
  "pointerdown",
  () => {
    released = new Promise((done) => {
      for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => setTimeout(done), { once: true });
    });
  },
  { capture: true },
);

let warned = 0;
/** Says what would be in the way of the show of a form as it stands, as the board does while it is moved. */
async function warn(form) {
  const turn = (warned += 1);
  const box = form.querySelector(".clash");
  const { wrap, show, plan } = form.dataset;
  const body = await bodyOf(form).catch(() => null);
  // What cancels a show sets nothing of it.
  const fields = form.querySelector("[name=room_id]:enabled") && (wrap ? wrap.split(".").reduce((at, part) => at?.[part], body) : body);
  const saved = JSON.parse(show);
  const whole = { ...saved, ...fields };
  whole.name ||= saved.name;
  whole.schedule_id = plan ?? whole.schedule_id;
  const lasts = Date.parse(whole.end) - Date.parse(whole.start);
  // What is no span yet is no place either.
  const isAsked = fields && Object.keys(fields).length > 0 && lasts > 0 && lasts <= DAY_MS;
  const found = isAsked ? await check(whole, {}).catch(() => []) : [];
  await released;
  if (turn === warned) box.textContent = reasons(found.filter((each) => each.severity === "block"));
}

/** Says above a list who is chosen in it. */
function tellChosen(list) {
  const box = list.querySelector(".chosen");
  const chosen = [...list.querySelectorAll(":checked")].map((each) => each.closest("label").textContent.trim());
  box.textContent = chosen.join(", ").replaceAll(/\s+/g, " ") || box.dataset.none;
}

/** What a page's forms say from the start: what would be in the way of a new show, which nobody has changed yet. */
export function begun(root) {
  // What was chosen before this was here.
  for (const select of root.querySelectorAll("select:is([data-aim], [data-decides])")) {
    if (!select.selectedOptions[0]?.defaultSelected) select.dispatchEvent(new Event("change", { bubbles: true }));
  }
  for (const form of root.querySelectorAll("form[data-show][data-plan]")) warn(form);
}

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-narrow]")) narrow(event.target);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-aim]")) aim(event.target);
  if (event.target.matches("select:is([data-aim], [data-decides])")) tellDecider(event.target.form);
  if (event.target.matches("[data-instant] :is([name=day], [name=time])")) {
    for (const box of event.target.form.querySelectorAll("[name=second]")) askAgain(box);
  }
  if (event.target.matches("[type=date]")) follow(event.target);
  if (event.target.matches("[data-outer] select[name=type]")) event.target.dataset.chosen = "";
  else if (event.target.matches("form[data-changed] :not([data-outer] *)")) tellType(event.target.form);
  if (event.target.form?.dataset.show) warn(event.target.form);
  if (event.target.matches(".pick [data-as=list]")) tellChosen(event.target.closest("fieldset"));
});

// An address says what a list was asked for, not what else could be asked.
document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
  const { body } = ctx.request;
  if (!ctx.sourceElement.matches("form.filters")) return;
  for (const [name, value] of [...body]) if (!value) body.delete(name);
});

// Enter in the search box of a list would send the whole form.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.matches("[data-narrow]")) event.preventDefault();
});

// ---- problems -----------------------------------------------------------------------------------------

let notes = 0;

/** The moment, rows, pairs or list that a field is a part of. */
const wholeOf = (field) =>
  field.closest("[data-instant], [data-rows], [data-pairs]") ??
  (field.dataset.as === "list" ? field.closest("fieldset") : null);

/** Puts a note behind a field, which is described by it, beside what describes it anyway. */
function noteAt(field, text, kind) {
  const note = document.createElement("small");
  note.className = kind;
  note.dataset.made = "";
  note.id = `note-${(notes += 1)}`;
  note.textContent = text;
  const described = field.getAttribute("aria-describedby");
  field.setAttribute("aria-describedby", described ? `${described} ${note.id}` : note.id);
  const whole = wholeOf(field);
  if (whole) whole.append(note);
  else (field.closest("label") ?? field).after(note);
}

/** A note at the head of a form, which is read out. */
function noteOver(form, text, kind) {
  const note = document.createElement("p");
  note.className = kind;
  note.dataset.made = "";
  note.setAttribute("role", "alert");
  note.textContent = text;
  form.prepend(note);
  return note;
}

/** Takes away notes: all of a kind, or those at fields `among` some. */
function clearNotes(form, kind, among) {
  for (const note of form.querySelectorAll(`.${kind}[data-made]`)) {
    const field = note.id && form.querySelector(`[aria-describedby~="${note.id}"]`);
    if (among && !among.includes(field)) continue;
    if (field) {
      const others = field.getAttribute("aria-describedby").split(" ").filter((id) => id !== note.id);
      if (others.length) field.setAttribute("aria-describedby", others.join(" "));
      else field.removeAttribute("aria-describedby");
    }
    note.remove();
  }
}

/** Takes away what was told of the last try: of all, or of fields `among` them. */
export function clearProblems(form, among) {
  clearNotes(form, "problem", among);
  for (const field of among ?? form.elements) field.removeAttribute("aria-invalid");
}

// What was told of a field is old once it is changed; moments go by each other.
document.addEventListener("input", ({ target }) => {
  if (!target.form?.dataset.send) return;
  const whole = wholeOf(target);
  const wholes = whole?.matches("[data-instant]") ? [...target.form.querySelectorAll("[data-instant]")] : [whole ?? target];
  clearProblems(target.form, wholes.flatMap(fieldsOf));
});

const pathOf = (path) => path.replaceAll(/\[(\d+)\]/g, ".$1").replace(/^body\./, "");

/** A path of the body as the form's fields are called. */
const inWrap = (form, path) =>
  form.dataset.wrap && path.startsWith(`${form.dataset.wrap}.`) ? path.slice(form.dataset.wrap.length + 1) : path;

/** The field that a path of the API means: itself, its group's, or its list's first. */
function fieldAt(form, path) {
  const [first] = path.split(".");
  const found =
    form.elements.namedItem(path) ??
    form.querySelector(`[data-instant="${CSS.escape(path)}"] [name=time]`) ??
    form.querySelector(`[data-rows="${CSS.escape(first)}"] [type=checkbox]`) ??
    form.querySelector(`[name="${CSS.escape(first)}"][data-as=list]`);
  const field = found instanceof RadioNodeList ? found[0] : found;
  if (!field || field.type === "hidden") return null;
  return field.hidden ? (field.closest("fieldset")?.querySelector("input:not([hidden])") ?? null) : field;
}

/** Tells a refusal where it belongs: at its fields, and at the head of the form what no field is to blame for. */
export function showProblems(form, refusal) {
  clearProblems(form);
  const rest = [];
  const wrong = [];
  for (const each of refusal.problem?.errors ?? []) {
    const path = inWrap(form, pathOf(each.path));
    const field = fieldAt(form, path);
    if (!field) {
      // Where the API has it is nothing to people.
      rest.push(each.label ? `${each.label}: ${each.message}` : each.message);
      continue;
    }
    field.setAttribute("aria-invalid", "true");
    noteAt(field, each.message, "problem");
    wrong.push(field);
  }
  // As the form goes, whatever order the API tells them in.
  const [first] = wrong.sort((a, b) => (a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  if (!first || rest.length) {
    const note = noteOver(form, first ? rest.join("\n") : told(refusal), "problem");
    if (!first) note.scrollIntoView({ block: "nearest" });
  }
  first?.closest("details")?.setAttribute("open", "");
  first?.focus();
}

// ---- what others changed meanwhile ---------------------------------------------------------------------

const homeOf = (form) => form.closest("#panel") ?? document.getElementById("content");
const versionOf = (form) => form?.dataset.version ?? form?.dataset.seen;

/** The page as it is now, as a document; null where it could not be had. */
async function pageOf(form) {
  const href = form.closest("#panel")?.dataset.href ?? location.href;
  const answer = await fetch(href, { headers: { "HX-Request": "true", Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return null;
  if (new URL(answer.url).pathname === "/sign-in") return sessionEnded();
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

const sending = (root, what) =>
  [...root.querySelectorAll("form[data-send]")].filter((form) => form.dataset.send === what);
const alike = (root, form) => sending(root, form.dataset.send);

/** A form's parts that are told as one: fields, moments, lists. */
const partsOf = (form) => [
  ...new Set(
    [...form.elements]
      .filter((field) => field.name && !field.closest("[data-outer]") && !["button", "submit"].includes(field.type))
      .map((field) => wholeOf(field) ?? field),
  ),
];

const fieldsOf = (part) => {
  if (!part.elements) return [part];
  return [...part.elements].filter((field) => (part.matches("[data-pairs]") ? field.matches("input") : field.name));
};

function sayField(field, initial) {
  const raw = rawOf(field, initial);
  if (field.type === "checkbox") {
    const label = field.closest("label")?.textContent.trim() ?? "";
    return field.closest("fieldset") ? (raw ? label : "") : raw ? "✓" : "–";
  }
  if (field.options) return [...field.options].find((option) => option.value === raw)?.text.trim() ?? "";
  return raw;
}

const sayPart = (part, initial = false) =>
  fieldsOf(part).map((field) => sayField(field, initial)).filter(Boolean).join(part.matches("fieldset") && !part.matches("[data-instant]") ? ", " : " ");

/** Makes what is there now what the field began with; what is in it stays. */
function rebase(field, twin) {
  if (field.options) {
    const { value } = field;
    field.replaceChildren(...twin.cloneNode(true).childNodes);
    field.value = value;
  } else if (field.type === "checkbox") {
    const { checked } = field;
    field.defaultChecked = twin.defaultChecked;
    field.checked = checked;
  } else {
    const { value } = field;
    field.defaultValue = twin.defaultValue;
    field.value = value;
  }
}

/** Takes one part of a form to what is there now, and says so beside it; what was typed stays. */
function take(part, twin) {
  const was = sayPart(part, true);
  const now = sayPart(twin, true);
  if (was === now) return false;
  const isMine = fieldsOf(part).some(isBegun);
  const shown = { now: now || "–", was: was || "–" };
  let at = part;
  if (isMine && !part.matches("[data-pairs]")) {
    const twins = fieldsOf(twin);
    fieldsOf(part).forEach((field, index) => twins[index]?.name === field.name && rebase(field, twins[index]));
  } else if (!isMine) {
    const had = part.contains(document.activeElement);
    at = document.adoptNode(twin);
    part.replaceWith(at);
    if (had) fieldsOf(at)[0].focus();
  }
  noteAt(fieldsOf(at)[0], word(isMine ? "now_yours" : "now_theirs", shown), "meanwhile");
  return true;
}

/** Somebody else changed what the form is about: their values are shown beside its fields, what was typed stays, and
 * from now on it goes against the new version. `told` is whether it was refused already. */
async function meet(form, { refused = false } = {}) {
  if (form.matches(".inline")) return meetCell(form);
  const index = alike(homeOf(form), form).indexOf(form);
  const fresh = await pageOf(form);
  if (!fresh || !form.isConnected) return refused && noteOver(form, word("network"), "problem");
  const twin = alike(fresh, form)[index];
  if (!refused && twin && versionOf(twin) === versionOf(form)) return;
  clearProblems(form);
  clearNotes(form, "meanwhile");
  if (!twin) return noteOver(form, word("gone"), "problem meanwhile");
  const { version, seen, body, by } = twin.dataset;
  const twins = partsOf(twin);
  const parts = partsOf(form);
  const differs = "by" in form.dataset && parts.filter((part, at) => twins[at] && take(part, twins[at])).length > 0;
  if (version) form.dataset.version = version;
  if (seen) form.dataset.seen = seen;
  if (body && !form.querySelector("select[data-aim]")) form.dataset.body = body;
  // What somebody else did is nothing that this form shows: it is as good as before.
  if ("by" in form.dataset && !differs) return refused && sure.add(form) && form.requestSubmit();
  const who = by || fresh.querySelector("[data-last]")?.dataset.last || word("somebody");
  const note = noteOver(form, word("meanwhile", { who }), "notice meanwhile");
  if (!differs) offerLook(note);
  if (refused) note.scrollIntoView({ block: "nearest" });
}

/** A button in a note that shows what is there now, after asking where what was typed has no place there. */
function offerLook(note, { stays = true } = {}) {
  const look = document.createElement("button");
  look.type = "button";
  look.className = "quiet small";
  look.textContent = word("look");
  look.addEventListener("click", async () => {
    if (stays || (await ask(word("leave"), { act: word("drop"), careful: true }))) lookAnew();
  });
  note.append(" ", look);
}

let looking = false;
/** A page that is not shown anew while something is typed in it says that it is old. */
document.addEventListener("callboard:held", async ({ detail: at }) => {
  const form = [...document.querySelectorAll("#content form[data-send]:not([data-by])")].find((each) => isDirty(each));
  // What we did ourselves is on its way to the page; it is told again each second.
  if (!form || looking || Date.now() - done < OWN_MS || form.querySelector(".elsewhere")) return;
  looking = true;
  const fresh = await pageOf(form);
  looking = false;
  if (!fresh || !form.isConnected || !isDirty(form) || document.getElementById("content").dataset.position >= +at) return;
  const stays = alike(fresh, form).length > 0;
  offerLook(noteOver(form, word(stays ? "elsewhere" : "gone"), "notice elsewhere"), { stays });
});
document.addEventListener("callboard:refreshed", () => {
  for (const form of document.querySelectorAll("#content form[data-send]")) clearNotes(form, "elsewhere");
});

/** As `meet`, for a cell of a table that became a form: what its row says now is the page's. */
async function meetCell(form) {
  const { id } = form.closest("tr");
  const fresh = await pageOf(form);
  const row = fresh?.getElementById(id);
  if (!row) return noteOver(form, word(fresh ? "gone" : "network"), "problem");
  form.dataset.version = row.dataset.version;
  clearNotes(form, "meanwhile");
  const now = row.querySelector(`[data-edit="${CSS.escape(form.dataset.field)}"]`)?.textContent.trim() ?? "";
  const field = form.querySelector("input:not([hidden]):not([type=date]), select");
  noteAt(field, word("now_yours", { now }), "meanwhile");
  say(word("now_yours", { now }));
  field.focus();
}

document.addEventListener("callboard:refused", (event) => {
  const { target, detail } = event;
  if (detail.status !== 412 || !(target instanceof HTMLFormElement)) return;
  event.preventDefault();
  meet(target, { refused: true });
});

let done = 0;
document.addEventListener("callboard:done", () => (done = Date.now()));

const OWN_MS = 1500;
document.addEventListener("callboard:change", async ({ detail }) => {
  const changed = new Set([...detail.schedules, ...detail.shows, ...detail.rows]);
  await pause(400);
  // What we did ourselves is on its way to the page.
  if (Date.now() - done < OWN_MS || document.querySelector("[aria-busy=true]")) await pause(OWN_MS);
  for (const form of document.querySelectorAll("#content form[data-by], #panel[open] form[data-by]")) {
    if (changed.has(form.dataset.about) && !form.ariaBusy) await meet(form);
  }
});

// ---- what is typed is kept -----------------------------------------------------------------------------

const rootsNow = () => [document.getElementById("content"), document.querySelector("#panel[open]")].filter(Boolean);
const fieldsNow = (form) => [...form.elements].filter((field) => !["button", "submit", "fieldset", "file"].includes(field.type));
const isLeft = () => rootsNow().some(isDirty);

/** What the forms hold that were begun, to be put back by `fill`. */
const typed = (roots = rootsNow()) =>
  roots.flatMap((root) =>
    [...root.querySelectorAll("form[data-send]")]
      .filter((form) => fieldsNow(form).some((field) => field.name && isBegun(field)))
      .map((form) => ({
        panel: root.id === "panel",
        what: form.dataset.send,
        at: alike(root, form).indexOf(form),
        nth: [...root.querySelectorAll("form[data-send]")].indexOf(form),
        values: fieldsNow(form).map((field) => (isBegun(field) ? [field.name, rawOf(field)] : [field.name])),
      })),
  );

/** Of a part of the page that is about to be drawn anew: what makes its fields that nobody has changed say what it then
 * says. One that was used, or has the focus, keeps what it said, and would count as changed. */
export function asBegun(root) {
  const fields = [...root.querySelectorAll("form [name]")].filter((field) => "value" in field && !isBegun(field));
  const raws = fields.map((field) => String(rawOf(field)));
  // What was changed since is somebody's choice.
  return () => fields.forEach((field, index) => String(rawOf(field)) === raws[index] && begin(field));
}

function begin(field) {
  if (field.options) for (const option of field.options) option.selected = option.defaultSelected;
  else if (["checkbox", "radio"].includes(field.type)) field.checked = field.defaultChecked;
  else field.value = field.defaultValue;
}

const isBegun = (field) => JSON.stringify(rawOf(field)) !== JSON.stringify(rawOf(field, true));

/** The form again: what it sends may be aimed elsewhere than when it was drawn. */
function keptIn({ panel, what, at, nth }) {
  const root = document.getElementById(panel ? "panel" : "content");
  return sending(root, what)[at] ?? root.querySelectorAll("form[data-send]")[nth];
}

function fill(kept) {
  for (const each of kept) {
    const form = keptIn(each);
    if (!form) continue;
    form.closest("details")?.setAttribute("open", "");
    fieldsNow(form).forEach((field, index) => {
      const [name, raw] = each.values[index] ?? [];
      if (name !== field.name || raw === undefined) return;
      if (field.type === "checkbox") field.checked = raw;
      else if (field.multiple && field.options) for (const option of field.options) option.selected = raw.includes(option.value);
      else field.value = raw;
      if (field.matches("[data-aim], [data-decides], [data-zones], .pick [data-as=list]")) field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  }
}

/** Shows the page anew around what is being typed. */
async function lookAnew(roots = rootsNow()) {
  const kept = typed(roots);
  for (const each of kept) keptIn(each)?.reset();
  await refresh();
  fill(kept);
}

/** After something was done: a page keeps what is typed in it, a panel is shown anew around it. */
export const renew = () => lookAnew(rootsNow().filter((root) => root.id === "panel"));

let isLeaving = false;

/** Keeps what is typed for whoever signs in again, in this tab; in another one, nothing has to be kept. */
export function ended(dialog) {
  const panel = document.querySelector("#panel[open]")?.dataset.href;
  const kept = typed();
  if (kept.length) sessionStorage[drafts] = JSON.stringify({ page: location.pathname + location.search, panel, kept });
  dialog.addEventListener("click", ({ target }) => (isLeaving = target.matches("a:not([target])")));
}

async function bringBack() {
  const { page, panel, kept } = JSON.parse(sessionStorage[drafts] ?? "{}");
  if (page !== location.pathname + location.search) return;
  if (panel) await openPanel(panel);
  fill(kept);
  delete sessionStorage[drafts];
  toast(word("kept"));
}

document.addEventListener("visibilitychange", async () => {
  const dialog = document.getElementById("ended");
  if (document.hidden || !dialog.open) return;
  const me = await send("GET", "/api/v1/me").catch(() => null);
  if (!me) return;
  delete sessionStorage[drafts];
  if (me.data.id === document.body.dataset.who) dialog.close();
  else location.reload();
});

addEventListener("beforeunload", (event) => {
  if (!isLeaving && isLeft()) event.preventDefault();
});

// ---- after something is gone -----------------------------------------------------------------------------

let gone = null;

document.addEventListener("callboard:done", ({ target, detail: { data } }) => {
  const item = target.closest("tr, li, article");
  const items = item ? [...item.parentElement.children] : [];
  gone = { home: homeOf(target), list: item?.parentElement, index: items.indexOf(item) };
  target.closest("details:is(.do, .menu)")?.removeAttribute("open");
  const { undo, undone, see, then, [data?.status]: said } = target.dataset;
  // A change says what became of it: it waits, or it is applied. The page that comes next says it where one does.
  const comes = then?.startsWith("open:") && !target.closest("#panel");
  if (said && comes) sessionStorage["callboard.told"] = said;
  else if (said) toast(said, see && { seconds: 30, action: { label: see, href: `/schedules/${data.schedule_id}?tab=changes#${data.id}` } });
  if (undo) toast(undone, { seconds: 20, action: { label: word("undo"), run: () => takeBack(undo) } });
});

async function takeBack(undo) {
  const [method, url] = undo.split(" ");
  try {
    await send(method, url);
    say(word("undone"));
  } catch (refusal) {
    toast(told(refusal), { kind: "bad", seconds: 15 });
  }
  await refresh();
}

/** Whoever took something away goes on with what came after it, or at the heading. */
document.addEventListener("callboard:refreshed", () => {
  const at = gone;
  gone = null;
  setTimeout(() => {
    const now = document.activeElement;
    if (!at || (now && now !== document.body && !now.matches("h1, h2")) || document.querySelector("dialog:modal")) return;
    const rows = at.list?.isConnected ? at.list.children : [];
    const next = rows[Math.min(at.index, rows.length - 1)]?.querySelector("a, button:not(:disabled)");
    const home = at.home.id === "panel" && !at.home.open ? document.getElementById("content") : at.home;
    const heading = home.querySelector("h1, h2");
    if (!next && heading) heading.tabIndex = -1;
    (next ?? heading)?.focus();
  });
});

bringBack();
