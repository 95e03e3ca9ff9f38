// A schedule's page: cells that become forms, shows that are added one after the other, and one action over chosen shows.
// What is sent and what it may do is the server's: see callboard.js.
"use strict";

(() => {
  const content = () => document.getElementById("content");
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  // ---- cells ----------------------------------------------------------------------------------------

  /** Where the focus goes once the page is shown anew: a selector. */
  let wanted = null;

  /** Puts a cell's form in its place, with what its row says. */
  function edit(button) {
    const row = button.closest("tr");
    const field = button.dataset.edit;
    const form = document.getElementById(`edit-${field}`).content.firstElementChild.cloneNode(true);
    form.dataset.send = `PATCH /api/v1/shows/${row.id}`;
    form.dataset.version = row.dataset.version;
    form.dataset.field = field;
    form.dataset.hold = "";
    const { name, room, day, from, to } = row.dataset;
    if (field === "name") initial(form.elements.name, name);
    if (field === "room") initial(form.elements.room_id, room);
    if (field === "when") {
      const [start, end] = form.querySelectorAll("[data-instant]");
      initial(start.elements.day, day);
      initial(start.elements.time, from);
      initial(end.elements.time, to);
    }
    button.hidden = true;
    button.after(form);
    // What others change meanwhile doesn't take the form away.
    button.parentElement.setAttribute("hx-morph-skip", "");
    const first = form.querySelector("input:not([hidden], [type=date]), select");
    first.focus();
    first.select?.();
  }

  /** Makes it what the field began with, so that only what was changed is sent. */
  function initial(field, value) {
    if (field.options) {
      for (const option of field.options) option.defaultSelected = option.value === value;
    } else field.defaultValue = value;
    field.value = value;
  }

  function leave(form) {
    const button = form.previousElementSibling;
    form.parentElement.removeAttribute("hx-morph-skip");
    form.remove();
    button.hidden = false;
    return button;
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-edit]");
    if (button) edit(button);
  });

  document.addEventListener("keydown", (event) => {
    const form = event.target.closest?.("form.inline");
    if (!form) return;
    if (event.key === "Escape") {
      event.stopPropagation();
      leave(form).focus();
    } else if (event.key === "Enter" && event.target.options) {
      event.preventDefault();
      form.requestSubmit();
    }
  });

  document.addEventListener("callboard:done", (event) => {
    const form = event.target;
    if (form.matches("form.inline")) {
      wanted = `#${form.closest("tr").id} [data-edit="${form.dataset.field}"]`;
      leave(form);
    } else if (form.matches("[data-again]")) {
      initial(form.querySelector("input"), "");
      wanted = "#drafting input";
    }
  });

  // ---- adding shows ---------------------------------------------------------------------------------

  /** While it is open it stays as it is, with what the last show had, however often the page is shown anew. */
  const stay = (drafting) => drafting.toggleAttribute("hx-morph-skip", drafting.open);
  document.addEventListener("toggle", ({ target }) => target.id === "drafting" && stay(target), { capture: true });
  const drafting = document.getElementById("drafting");
  if (drafting) stay(drafting);

  let sure = null;

  /** What the plan goes on to has no place for a show that is begun: that is asked about first. */
  async function first(event, act) {
    const form = document.querySelector("#drafting form");
    if (!act || act === sure || !form || !callboard.isDirty(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const { word, ask } = callboard;
    if (!(await ask(word("leave"), { act: word("drop"), careful: true }))) return;
    sure = act;
    if (act instanceof HTMLFormElement) act.requestSubmit();
    else act.click();
    sure = null;
  }

  document.addEventListener("click", (event) => first(event, event.target.closest(".acts button[data-send]")), { capture: true });
  document.addEventListener("submit", (event) => first(event, event.target.closest(".acts form")), { capture: true });

  // ---- one action over chosen shows ---------------------------------------------------------------

  const UNDONE = new Set(["shift", "assign_room", "assign_creators"]);
  const chosen = new Set();
  let asked = null;

  const boxes = () => [...content().querySelectorAll("input[data-show]")];

  function showChosen() {
    const bulk = document.getElementById("bulk");
    if (!bulk) return;
    const all = boxes();
    const here = new Set(all.map((box) => box.dataset.show));
    for (const id of chosen) if (!here.has(id)) chosen.delete(id);
    for (const box of all) box.checked = chosen.has(box.dataset.show);
    const every = content().querySelector("input[data-all]");
    every.checked = all.length > 0 && chosen.size === all.length;
    every.indeterminate = chosen.size > 0 && !every.checked;
    bulk.hidden = chosen.size === 0;
    bulk.querySelector("[data-count]").textContent = chosen.size;
  }

  document.addEventListener("change", (event) => {
    const { target } = event;
    if (target.matches("input[data-show]")) {
      if (target.checked) chosen.add(target.dataset.show);
      else chosen.delete(target.dataset.show);
    } else if (target.matches("input[data-all]")) {
      for (const box of boxes()) {
        if (target.checked) chosen.add(box.dataset.show);
        else chosen.delete(box.dataset.show);
      }
    } else return;
    showChosen();
  });

  /** Sends the action, in a dry run unless it is meant; a refusal is told, and answers null. */
  async function run(body, dry) {
    try {
      return (await callboard.send("POST", "/api/v1/shows/bulk", { ...body, dry_run: dry })).data;
    } catch (refusal) {
      if (!(refusal instanceof callboard.Refused)) throw refusal;
      callboard.toast(callboard.told(refusal), { kind: "bad", seconds: 15 });
      return null;
    }
  }

  async function tryOut(form) {
    const action = { action: form.dataset.bulk, ...(await callboard.bodyOf(form)) };
    const unit = form.querySelector("[data-unit]");
    if (unit) action.minutes *= Number(unit.value);
    // To take the room away is chosen by name: an empty choice is none.
    if (action.room_id === "none") action.room_id = null;
    asked = { action, show_ids: [...chosen] };
    const found = await run(asked, true);
    if (!found) return;
    const later = action.action === "shift" ? await shifted(action.minutes, found) : {};
    const line = (result) => lineOf(result, later[result.show_id]);
    const dialog = document.getElementById("bulk-try");
    const of = (status) => found.results.filter((each) => each.status === status);
    const counts = dialog.querySelector(".counts");
    const { text, unchanged, refused } = counts.dataset;
    const all = { done: 0, unchanged: 0, refused: 0, ...found.counts };
    const told = [text, all.unchanged && unchanged, all.refused && refused].filter(Boolean);
    counts.textContent = fill(told.join(", "), all);
    dialog.querySelector(".done").replaceChildren(...of("done").map(line));
    dialog.querySelector(".refused").replaceChildren(...of("refused").map(line));
    const goOn = dialog.querySelector("[data-do]");
    goOn.textContent = fill(form.dataset.do, { count: all.done });
    goOn.disabled = !all.done;
    dialog.showModal();
    dialog.querySelector(found.counts.done ? "[data-do]" : "h2").focus();
  }

  const nameOf = (id) => document.getElementById(id)?.dataset.name ?? "";

  /** When the shows that would move would be then, by id: no script computes a time. */
  async function shifted(minutes, { results }) {
    const asked = new URLSearchParams({ minutes });
    for (const each of results) if (each.status === "done") asked.append("show", each.show_id);
    const { data } = await callboard.send("GET", `${location.pathname}/shifted?${asked}`).catch(() => ({ data: {} }));
    return data;
  }

  function lineOf(result, later) {
    const item = document.createElement("li");
    const name = document.createElement("b");
    name.textContent = nameOf(result.show_id);
    const why = result.conflicts.length ? result.conflicts.map((each) => each.message).join("; ") : result.detail;
    const now = document.getElementById(result.show_id)?.querySelector("td.when").textContent ?? "";
    const times = [now, later].filter(Boolean).map((text) => {
      const when = document.createElement("span");
      when.className = "when";
      when.textContent = text;
      return when;
    });
    item.append(name, " ", ...times.flatMap((when, at) => (at ? [" → ", when] : [when])), why ? `: ${why}` : "");
    return item;
  }

  async function doIt() {
    const { done, undo, undone } = document.getElementById("bulk").dataset;
    document.getElementById("bulk-try").close();
    const found = await run(asked, false);
    if (!found) return;
    const back = async () => {
      try {
        await callboard.send("POST", `/api/v1/bulk/${found.id}/undo`);
        callboard.say(undone);
      } catch (refusal) {
        if (!(refusal instanceof callboard.Refused)) throw refusal;
        callboard.toast(callboard.told(refusal), { kind: "bad", seconds: 15 });
      }
      await callboard.refresh();
    };
    const action = undo && UNDONE.has(found.action) ? { label: undo, run: back } : undefined;
    chosen.clear();
    callboard.toast(fill(done, { count: found.counts.done ?? 0 }), { action, seconds: 30 });
    await callboard.refresh();
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.dataset.bulk) return;
    event.preventDefault();
    tryOut(event.target);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("#bulk [data-none]")) {
      chosen.clear();
      showChosen();
    }
    if (event.target.closest("#bulk-try [data-do]")) doIt();
  });

  document.addEventListener("htmx:after:swap", showChosen);

  document.addEventListener("callboard:refreshed", () => {
    showChosen();
    if (!wanted) return;
    const found = document.querySelector(wanted);
    found?.closest("details")?.setAttribute("open", "");
    found?.focus();
    wanted = null;
  });
})();
