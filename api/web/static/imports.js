// A file is sent twice: first to see what it would do, then, with what was decided row by row, to do it.
"use strict";

(() => {
  const form = document.getElementById("import");
  const report = document.getElementById("import-report");
  const apply = document.getElementById("import-apply");
  const { alike, card, folded, knownBy, lines, make, namedApart, ranges, say, steps, table, told, when } = importTables;
  const PATIENCE_MS = 120_000;
  let decided = new Set();
  let opened = new Set();
  let seen = new Map();
  let pressed;

  /** What becomes of each plan, its lines drawn when it is opened: a month has thousands. */
  function plans(rows, named) {
    const all = card(say("rows"), rows.length, make("p", say("keys"), { className: "dim" }));
    all.classList.add("plans");
    for (const [plan, group] of Map.groupBy(rows, (each) => each.schedule)) {
      const what = Map.groupBy(group, (each) => each.what);
      const counted = [...what].map(([name, all]) => `${say(name)} ${all.length}`).join(", ");
      const told = make("details", "", { open: opened.has(plan) || rows.length === group.length });
      const summary = make("summary", `${plan} `);
      summary.append(make("span", group.some((each) => each.asked) ? `${counted} (${say("asked")})` : counted, { className: "dim" }));
      told.append(summary);
      const draw = () => {
        opened.add(plan);
        if (told.children.length === 1) told.append(takeAll(plan, group), ...lines(plan, group, ["take", "row", "what", "show", "fields"], (e) => [
          taken(e), e.row, say(e.what), `${e.name} ${e.external_id}`, steps(e.fields, e.what, named),
        ]));
      };
      if (told.open) draw();
      told.addEventListener("toggle", () => (told.open ? draw() : opened.delete(plan)));
      all.append(told);
    }
    return all;
  }

  /** Takes all lines of a plan that are drawn, or none. */
  function takeAll(plan, group) {
    const label = make("label", "", { className: "check" });
    const box = make("input", "", { type: "checkbox", checked: true });
    box.addEventListener("change", () => {
      for (const each of label.parentElement.querySelectorAll("td input")) if (each.checked !== box.checked) each.click();
    });
    label.append(box, ` ${say("all_of", { plan })}`);
    return group.length > 1 ? label : "";
  }

  /** The first report does not hold any more: it has to be looked at again. */
  function changed() {
    apply.hidden = form.querySelector(".nothing").hidden = true;
    again(say("decided"));
  }

  /** A box that decides one thing: `name=value` goes along with the next request while it is `sent`. */
  function choice(name, value, label, sentWhenTicked) {
    const asked = `${name}=${encodeURIComponent(value)}`;
    const box = make("input", "", { type: "checkbox", ariaLabel: label });
    box.dataset.key = asked;
    box.checked = decided.has(asked) === sentWhenTicked;
    box.addEventListener("change", () => {
      if (box.checked === sentWhenTicked) decided.add(asked);
      else decided.delete(asked);
      // What decides a whole line stands beside each of its values.
      for (const each of report.querySelectorAll(`[data-key="${CSS.escape(asked)}"]`)) each.checked = box.checked;
      changed();
    });
    return box;
  }

  const meant = (id, line) => `means=${encodeURIComponent(line ? `${line}:${id}` : id)}`;

  /** Of several rows of a name one is meant: in all lines, or in line `line`; none chosen is the empty id. */
  function choose({ candidates }, id, line = 0) {
    for (const each of candidates) decided.delete(meant(each.id, line));
    if (id) decided.add(meant(id, line));
    changed();
  }

  /** A name that several rows have, told apart by what people know of them. */
  function doubt(asked, at) {
    const { candidates, kind, name, studio, rows, chosen } = asked;
    const told = knownBy(candidates);
    const group = make("fieldset", "", { className: "doubt" });
    group.append(make("legend", say(`several_${kind}`, { name, studio, count: candidates.length })));
    group.append(make("p", say("in_lines", { lines: ranges(rows) }), { className: "dim" }));
    for (const [i, each] of candidates.entries()) {
      const label = make("label", "", { className: "check" });
      const radio = make("input", "", { type: "radio", name: `doubt-${at}`, checked: each.id === chosen });
      radio.dataset.key = meant(each.id);
      radio.addEventListener("change", () => choose(asked, each.id));
      const text = make("span");
      text.append(make("b", each.name), ` ${told[i]}`);
      label.append(radio, text);
      group.append(label);
    }
    if (kind !== "schedule" && rows.length > 1) {
      const open = rows.some((row) => candidates.some((each) => decided.has(meant(each.id, row))));
      group.append(folded(say("by_line"), () => lines(name, rows, ["row", "meant"], (row) => [row, perLine(asked, told, row)]), open));
    }
    return group;
  }

  function perLine(asked, told, row) {
    const box = make("select", "", { ariaLabel: say("means_in", { name: asked.name, row }) });
    box.append(make("option", say("as_above"), { value: "" }));
    for (const [i, each] of asked.candidates.entries()) {
      const selected = decided.has(meant(each.id, row));
      box.append(make("option", `${each.name} ${told[i]}`, { value: each.id, selected }));
    }
    box.dataset.key = `means=${row}:${asked.kind}:${asked.name}`;
    box.addEventListener("change", () => choose(asked, box.value, row));
    return box;
  }

  const taken = (each) =>
    each.row === null
      ? choice("stay", each.show_id, `${say("take")}: ${each.name}`, false)
      : choice("leave", each.row, `${say("take")}: ${each.name}`, false);

  /** What was left out is not in the report any more: it can be taken again here. */
  const leftOut = (each) =>
    each.code === "left_out" ? choice("leave", each.row, `${say("take")}: ${each.value}`, false) : "";

  function counts(found) {
    const list = make("ul", "", { className: "counts" });
    for (const [name, count] of Object.entries(found.counts)) {
      if (count) list.append(make("li", say(`count_${name}`, { count }), { className: `chip ${name === "errors" ? "bad" : ""}` }));
    }
    const { block, warn } = found.conflicts;
    if (block || warn) list.append(make("li", say("conflicts", { block, warn }), { className: `chip ${block ? "bad" : "warn"}` }));
    if (!list.children.length) list.append(make("li", say("no_changes"), { className: "chip" }));
    return list;
  }

  /** Names that nothing has; of rooms also in which studio. */
  function unknown({ unknown_names: names, unknown_rooms: rooms }) {
    const all = Object.entries(names).filter(([, texts]) => texts.length);
    if (!all.length) return [];
    const count = all.reduce((sum, [kind, texts]) => sum + (kind === "rooms" ? rooms : texts).length, 0);
    const made = card(say("unknown"), count, make("p", say(form.elements.create_missing ? "unknown_told" : "unknown_ask")));
    const list = make("ul", "", { className: "made" });
    for (const [kind, texts] of all) {
      if (kind !== "rooms") list.append(make("li", `${say(`kind_${kind}`)}: ${texts.join(", ")}`));
    }
    for (const [studio, lacking] of Map.groupBy(rooms, (each) => each.studio)) {
      list.append(make("li", `${say("kind_rooms_of", { studio })}: ${lacking.map((each) => each.room).join(", ")}`));
    }
    made.append(list);
    return [made];
  }

  const asLine = (row) => row ?? say("not_in_file");

  const found = (title, all) =>
    lines(title, all, ["row", "show", "when", "resource", "in_the_way"], (e) => [
      asLine(e.row), `${e.name} ${e.external_id ?? ""}`, when(e), e.resource?.name,
      e.other_row ? `${e.message} (${say("line", { row: e.other_row })})` : e.message,
    ]);

  /** All that is counted, the file's own lines first: what blocks is listed, what only warns is folded away. */
  function conflicts({ findings, conflicts: { block, warn } }) {
    if (!findings.length) return [];
    const own = (each) => Number(each.row === null);
    const of = (severity) => findings.filter((each) => each.severity === severity).sort((one, other) => own(one) - own(other));
    const made = card(say("findings"), block + warn);
    if (block) made.append(make("h4", say("block", { count: block })), ...found(say("findings"), of("block")));
    if (warn) made.append(folded(say("warn", { count: warn }), () => found(say("warn", { count: warn }), of("warn"))));
    const more = block + warn - findings.length;
    if (more) made.append(make("p", say("more", { count: more }), { className: "dim" }));
    return [made];
  }

  const refused = (e) => (e.code === "ambiguous_name" ? { ...e, message: say("choose_above") } : e);

  /** The names that still keep a line from being applied, then those that were chosen. */
  function names({ ambiguous, errors }) {
    const lacking = new Set(errors.filter((e) => e.code === "ambiguous_name").map((e) => `${e.row} ${e.value.trim().toLowerCase()}`));
    const isOpen = ({ name, rows }) => rows.some((row) => lacking.has(`${row} ${name.trim().toLowerCase()}`));
    const told = ambiguous.map((each, at) => [isOpen(each), doubt(each, at)]);
    return [true, false].map((open) => {
      const group = told.filter(([each]) => each === open).map(([, made]) => made);
      const how = make("p", say(open ? "ambiguous_told" : "chosen_told"), { className: "dim" });
      return group.length && card(say(open ? "ambiguous" : "chosen"), group.length, how, ...group);
    });
  }

  /** Values that are kept here, and those that the file was let win over: they can be decided otherwise again. */
  function keptOf(report) {
    for (const each of report.kept) seen.set(`${each.row} ${each.column}`, each);
    const now = new Set(report.kept.map((each) => each.row));
    return [...seen.values()].filter((each) => now.has(each.row) || decided.has(`theirs=${each.row}`));
  }

  function keptHere(kept, named) {
    const label = make("label", "", { className: "check" });
    const all = make("input", "", { type: "checkbox", checked: kept.every((each) => decided.has(`theirs=${each.row}`)) });
    all.dataset.key = "theirs";
    all.addEventListener("change", () => {
      for (const { row } of kept) decided[all.checked ? "add" : "delete"](`theirs=${row}`);
      for (const box of report.querySelectorAll("[data-key^='theirs=']")) box.checked = all.checked;
      changed();
    });
    label.append(all, ` ${say("take_all_file")}`);
    return card(say("kept"), kept.length, label, ...lines(say("kept"), kept, ["take_file", "row", "external_id", "column", "kept_here", "value"], (e) => [
      choice("theirs", e.row, `${say("take_file")}: ${e.external_id} ${e.column}`, true), e.row, e.external_id, e.column, told(e.column, e.kept, named), told(e.column, e.value, named),
    ]));
  }

  function tables(report) {
    const { ambiguous, errors, rows, notes } = report;
    const named = namedApart(ambiguous);
    const kept = keptOf(report);
    // Two shows of one plan are among the conflicts that block; of two plans each is only warned of the other.
    const clashes = report.clashes.filter(({ shows: [one, other] }) => one.schedule_id !== other.schedule_id);
    return [
      ...names(report),
      errors.length && table(say("errors"), alike(errors.map(refused)), ["row", "column", "value", "message"], (e) => [e.row, e.column, e.value, e.message], report.counts.errors),
      ...unknown(report),
      kept.length && keptHere(kept, named),
      ...conflicts(report),
      rows.length && plans(rows, named),
      clashes.length &&
        table(say("clashes"), clashes, ["resource", "pair", "minutes"], (e) => [
          e.resource.name, e.shows.map((show) => show.name).join(" / "), e.overlap.minutes,
        ]),
      notes.length && table(say("notes"), notes, ["take", "row", "value", "message"], (e) => [leftOut(e), e.row, e.value, e.message]),
    ].filter(Boolean);
  }

  function problem(text) {
    const at = form.querySelector(".problem");
    at.textContent = text;
    at.hidden = !text;
  }

  /** A normal next step, told beside the buttons, which stay in sight meanwhile. */
  function again(text) {
    const at = form.querySelector(".again");
    at.textContent = text;
    at.hidden = !text;
    document.body.toggleAttribute("data-again", Boolean(text));
  }

  /** While a file is read nothing else can be asked: a long one takes some seconds. A button that was pressed has
   * the focus again afterwards. */
  function busy(text) {
    const buttons = [...form.querySelectorAll("button")];
    if (text) pressed = buttons.find((each) => each === document.activeElement);
    form.querySelector("progress").hidden = !text;
    document.getElementById("import-busy").textContent = text;
    form.ariaBusy = text ? "true" : null;
    for (const each of buttons) each.disabled = Boolean(text);
    if (!text && document.activeElement === document.body) pressed?.focus();
  }

  /** Whether applying would do anything. */
  const does = ({ counts: { created, updated, removed, proposed_changes }, created: made }) =>
    [created, updated, removed, proposed_changes, ...Object.values(made)].some(Boolean);

  /** Sends the file, to see or to do it; answers the report, or null where it was refused. */
  async function run(mode) {
    const { file, create_missing, take, time_zone } = form.elements;
    const asked = new URLSearchParams({
      mode,
      file_name: file.files[0].name,
      create_missing: Boolean(create_missing?.checked),
      take: take.checked ? "theirs" : "ours",
      time_zone: time_zone?.value ?? "UTC",
    });
    busy(say(`busy_${mode}`, { file: file.files[0].name }));
    problem("");
    again("");
    form.querySelector(".nothing").hidden = true;
    try {
      const url = `/api/v1/imports?${[asked, ...decided].join("&")}`;
      const raw = new Blob([file.files[0]], { type: "application/octet-stream" });
      return (await callboard.send("POST", url, raw, { patience: PATIENCE_MS })).data;
    } catch (refusal) {
      if (!(refusal instanceof callboard.Refused)) throw refusal;
      problem(callboard.told(refusal));
      return null;
    } finally {
      busy("");
    }
  }

  /** Tells what the file would do. Who asked from within the report stays at the same decision, else its heading has
   * the focus. */
  async function look() {
    const key = document.activeElement.closest("#import-report [data-key]")?.dataset.key;
    const done = await run("dry_run");
    report.hidden = !done;
    apply.hidden = !done || !does(done);
    if (!done) return;
    form.querySelector(".nothing").hidden = does(done);
    form.querySelector(".nothing").textContent = say(done.counts.errors ? "nothing_errors" : "nothing");
    const summary = counts(done);
    report.querySelector("div").replaceChildren(summary, ...tables(done));
    const same = key && [...report.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
    (same ?? document.getElementById("import-told")).focus();
    if (same) document.getElementById("import-busy").textContent = [...summary.children].map((each) => each.textContent).join(", ");
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    look();
  });

  apply.addEventListener("click", async () => {
    const done = await run("apply");
    if (done) location.assign(`/imports/${done.id}`);
  });

  form.addEventListener("change", (event) => {
    if (event.target !== form.elements.file) return report.hidden || changed();
    apply.hidden = true;
    decided = new Set();
    opened = new Set();
    seen = new Map();
    if (event.target.files.length) look();
  });

  /** Arrow keys go from one box to the next; space is the browser's own; Enter looks again. */
  report.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input, select")) {
      event.preventDefault();
      look();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || !event.target.matches("[type=checkbox]")) return;
    event.preventDefault();
    const boxes = [...report.querySelectorAll("[type=checkbox]")].filter((each) => each.checkVisibility());
    boxes[boxes.indexOf(event.target) + step]?.focus();
  });

  // ---- dropping a file anywhere on the page

  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.body.dataset.dropping = "";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete document.body.dataset.dropping;
  });
  document.addEventListener("drop", (event) => {
    delete document.body.dataset.dropping;
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    form.elements.file.files = event.dataTransfer.files;
    form.elements.file.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
