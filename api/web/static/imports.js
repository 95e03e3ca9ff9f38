// A file is sent twice: first to see what it would do, then, with what was decided row by row, to do it.
"use strict";

(() => {
  const form = document.getElementById("import");
  const report = document.getElementById("import-report");
  const apply = document.getElementById("import-apply");
  const words = JSON.parse(document.getElementById("import-words").textContent);
  const PATIENCE_MS = 120_000;
  const MOST = 500;
  let decided = new Set();
  let opened = new Set();

  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  function make(tag, text = "", more = {}) {
    const element = Object.assign(document.createElement(tag), more);
    if (text !== "") element.textContent = text;
    return element;
  }

  /** A card with a table under a heading. */
  function table(title, rows, columns, cells, count = rows.length) {
    const card = make("section", "", { className: "card" });
    const heading = make("h3", `${title} `);
    heading.append(make("span", count, { className: "pill" }));
    card.append(heading, ...lines(title, rows, columns, cells));
    return card;
  }

  /** A table; `cells` answers a row's cells, as texts or elements. */
  function lines(title, rows, columns, cells) {
    const scroll = make("div", "", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: title });
    const made = make("table");
    const head = made.createTHead().insertRow();
    for (const each of columns) head.append(make("th", say(each), { scope: "col" }));
    const body = made.createTBody();
    for (const row of rows.slice(0, MOST)) {
      const line = body.insertRow();
      for (const cell of cells(row)) line.insertCell().append(cell ?? "");
    }
    scroll.append(made);
    const more = rows.length > MOST && make("p", say("more", { count: rows.length - MOST }), { className: "dim" });
    return more ? [scroll, more] : [scroll];
  }

  /** Lines with one and the same mistake are one entry, such as lines 2–40, 43. */
  function alike(errors) {
    const found = Map.groupBy(errors, (e) => JSON.stringify([e.column, e.value, e.message]));
    return [...found.values()].map((all) => ({ ...all[0], row: ranges(all.map((each) => each.row)) }));
  }

  function ranges(numbers) {
    const runs = [];
    for (const n of numbers) {
      if (n === null) continue;
      if (runs.at(-1)?.[1] === n - 1) runs.at(-1)[1] = n;
      else if (runs.at(-1)?.[1] !== n) runs.push([n, n]);
    }
    return runs.map(([from, to]) => (from === to ? from : `${from}–${to}`)).join(", ");
  }

  /** What becomes of each plan, its lines drawn when it is opened: a month has thousands. */
  function plans(rows) {
    const card = make("section", "", { className: "card plans" });
    const heading = make("h3", `${say("rows")} `);
    heading.append(make("span", rows.length, { className: "pill" }));
    card.append(heading, make("p", say("keys"), { className: "dim" }));
    for (const [plan, group] of Map.groupBy(rows, (each) => each.schedule)) {
      const what = Map.groupBy(group, (each) => each.what);
      const counted = [...what].map(([name, all]) => `${say(name)} ${all.length}`).join(", ");
      const told = make("details", "", { open: opened.has(plan) || rows.length === group.length });
      const summary = make("summary", `${plan} `);
      summary.append(make("span", group.some((each) => each.asked) ? `${counted} (${say("asked")})` : counted, { className: "dim" }));
      told.append(summary);
      const draw = () => {
        opened.add(plan);
        if (told.children.length === 1) told.append(all(plan, group), ...lines(plan, group, ["take", "row", "what", "show", "fields"], (e) => [
          taken(e), e.row, say(e.what), `${e.name} ${e.external_id}`, steps(e.fields, e.what),
        ]));
      };
      if (told.open) draw();
      told.addEventListener("toggle", () => (told.open ? draw() : opened.delete(plan)));
      card.append(told);
    }
    return card;
  }

  /** Takes all lines of a plan that are drawn, or none. */
  function all(plan, group) {
    const label = make("label", "", { className: "check" });
    const box = make("input", "", { type: "checkbox", checked: true });
    box.addEventListener("change", () => {
      for (const each of label.parentElement.querySelectorAll("td input")) if (each.checked !== box.checked) each.click();
    });
    label.append(box, ` ${say("all_of", { plan })}`);
    return group.length > 1 ? label : "";
  }

  /** A box that decides one thing: `name=value` goes along with the next request while it is `sent`. */
  function choice(name, value, label, sentWhenTicked) {
    const asked = `${name}=${encodeURIComponent(value)}`;
    const box = make("input", "", { type: "checkbox", ariaLabel: label });
    box.checked = decided.has(asked) === sentWhenTicked;
    box.addEventListener("change", () => {
      if (box.checked === sentWhenTicked) decided.add(asked);
      else decided.delete(asked);
      apply.hidden = true;
      again(say("decided"));
    });
    return box;
  }

  /** What changes; a new show's name stands beside it. */
  function steps(fields, what) {
    const cell = make("div", "", { className: "steps" });
    for (const [name, step] of Object.entries(fields)) {
      if (name === "name" && what === "created") continue;
      const line = make("span", `${name} `);
      if (step.from) line.append(make("del", step.from), " ");
      if (step.to) line.append(make("ins", step.to));
      cell.append(line);
    }
    return cell;
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

  function unknown(names) {
    const all = Object.entries(names).filter(([, texts]) => texts.length);
    if (!all.length) return [];
    const card = make("section", "", { className: "card" });
    card.append(make("h3", say("unknown")), make("p", say(form.elements.create_missing ? "unknown_told" : "unknown_ask")));
    for (const [kind, texts] of all) card.append(make("p", `${kind.replaceAll("_", " ")}: ${texts.join(", ")}`));
    return [card];
  }

  function tables(found) {
    const { errors, rows, kept, clashes, notes } = found;
    return [
      errors.length && table(say("errors"), alike(errors), ["row", "column", "value", "message"], (e) => [e.row, e.column, e.value, e.message], found.counts.errors),
      ...unknown(found.unknown_names),
      rows.length && plans(rows),
      kept.length &&
        table(say("kept"), kept, ["take_file", "row", "external_id", "column", "kept_here", "value"], (e) => [
          choice("theirs", e.row, `${say("take_file")}: ${e.external_id} ${e.column}`, true), e.row, e.external_id, e.column, e.kept, e.value,
        ]),
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
    const at = form.querySelector(".notice");
    at.textContent = text;
    at.hidden = !text;
    document.body.toggleAttribute("data-again", Boolean(text));
  }

  /** While a file is read nothing else can be asked: a long one takes some seconds. */
  function busy(text) {
    form.querySelector("progress").hidden = !text;
    document.getElementById("import-busy").textContent = text;
    form.ariaBusy = text ? "true" : null;
    for (const each of form.querySelectorAll("button")) each.disabled = Boolean(text);
  }

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

  async function look() {
    const found = await run("dry_run");
    report.hidden = !found;
    apply.hidden = !found;
    if (!found) return;
    report.querySelector("div").replaceChildren(counts(found), ...tables(found));
    document.getElementById("import-told").focus();
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
    apply.hidden = true;
    if (event.target !== form.elements.file) return;
    decided = new Set();
    opened = new Set();
    if (event.target.files.length) look();
  });

  /** Arrow keys go from one decision to the next; space is the browser's own. */
  report.addEventListener("keydown", (event) => {
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
