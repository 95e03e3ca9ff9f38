// Tables of an import's report, and the names in a file that somebody has to choose: what imports.js draws with.
"use strict";

const importTables = (() => {
  const MOST = 500;
  const DAY = 86_400_000;
  const [words, names] = ["words", "names"].map((each) => JSON.parse(document.getElementById(`import-${each}`).textContent));
  const { opens } = document.getElementById("import").dataset;

  const say = (key, values = {}) => words[key].replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  function make(tag, text = "", more = {}) {
    const element = Object.assign(document.createElement(tag), more);
    if (text !== "") element.textContent = text;
    return element;
  }

  /** A card under a heading with a count. */
  function card(title, count, ...children) {
    const made = make("section", "", { className: "card" });
    const heading = make("h3", `${title} `);
    heading.append(make("span", count, { className: "pill" }));
    made.append(heading, ...children);
    return made;
  }

  const table = (title, rows, columns, cells, count = rows.length) =>
    card(title, count, ...lines(title, rows, columns, cells));

  /** A table, on a phone a card for each row; `cells` answers a row's cells, as texts or elements. */
  function lines(title, rows, columns, cells) {
    const scroll = make("div", "", { className: "scroll", tabIndex: 0, role: "region", ariaLabel: title });
    const made = make("table", "", { className: "cards", role: "table" });
    const head = made.createTHead().insertRow();
    for (const each of columns) head.append(make("th", say(each), { scope: "col" }));
    const body = made.createTBody();
    const more = make("button", "", { type: "button", className: "quiet" });
    let drawn = 0;
    const draw = () => {
      for (const row of rows.slice(drawn, drawn + MOST)) {
        const line = Object.assign(body.insertRow(), { role: "row" });
        for (const [at, cell] of cells(row).entries()) {
          const made = Object.assign(line.insertCell(), { role: "cell" });
          made.dataset.label = say(columns[at]);
          made.append(cell ?? "");
        }
      }
      drawn = Math.min(drawn + MOST, rows.length);
      more.textContent = say("next", { count: rows.length - drawn });
      if (drawn < rows.length) return;
      if (more === document.activeElement) scroll.focus();
      more.remove();
    };
    more.addEventListener("click", draw);
    scroll.append(made);
    const parts = rows.length > MOST ? [scroll, more] : [scroll];
    draw();
    return parts;
  }

  /** Something folded away, drawn when it is opened. */
  function folded(summary, draw, open = false) {
    const told = make("details", "", { open });
    told.append(make("summary", summary));
    const once = () => told.open && told.children.length === 1 && told.append(...draw());
    told.addEventListener("toggle", once);
    once();
    return told;
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

  /** What becomes of a show's fields; a new show's name stands beside it. */
  function steps(fields, what, named) {
    const cell = make("div", "", { className: "steps" });
    for (const [name, step] of Object.entries(fields)) {
      if (name === "name" && what === "created") continue;
      const line = make("span", `${name} `);
      if (step.from) line.append(make("del", told(name, step.from, named)), " ");
      if (step.to) line.append(make("ins", told(name, step.to, named)));
      cell.append(line);
    }
    return cell;
  }

  // The report's times are in their studio's clock; `opens` is when its day begins, such as 06:00.
  const dateOf = (text) => Date.parse(text.slice(0, 10));
  const dayOf = (text) => dateOf(text) - (text.slice(11, 16) < opens ? DAY : 0);
  const clock = (text, day) => `${String(Number(text.slice(11, 13)) + (24 * (dateOf(text) - day)) / DAY).padStart(2, "0")}${text.slice(13, 16)}`;

  function dated(day) {
    const said = (part) => new Intl.DateTimeFormat(document.documentElement.lang, { ...part, timeZone: "UTC" }).format(day);
    return `${said({ weekday: "short" })} ${new Date(day).getUTCDate()} ${said({ month: "short" })}`;
  }

  /** When a show is: Sat 2 May 20:00–22:00, and 26:00 for two at night. */
  function when({ start, end }) {
    const day = dayOf(start);
    return `${dated(day)} ${clock(start, day)}–${clock(end, day)}`;
  }

  /** A value of a column, as people say it; `named` are rows that share their name. */
  function told(column, text, named) {
    if (names[column]) return names[column][text] ?? text;
    if (text && ["start", "end"].includes(column)) {
      const day = dayOf(text);
      return `${dated(day)} ${clock(text, day)}`;
    }
    return text.split("; ").map((each) => named.get(each) ?? each).join("; ");
  }

  /** What is known of one of several rows of a name, piece by piece. */
  const facts = (each) => [
    ...Object.entries(each.about).map(([key, value]) => say(`about_${key}`, { value: words[`state_${value}`] ?? value })),
    ...each.studios,
    ...each.clients,
    each.shows ? say("used", { count: each.shows, from: each.first, to: each.last }) : say("unused", { day: each.created_at.slice(0, 10) }),
  ];

  /** Names of rows that share theirs, by id, each with the first piece that no other has, else with the id's end. */
  function namedApart(ambiguous) {
    const found = new Map();
    for (const { candidates } of ambiguous) {
      const pieces = candidates.map(facts);
      for (const [at, { id, name }] of candidates.entries()) {
        const own = pieces[at].find((piece) => !pieces.some((other, i) => i !== at && other.includes(piece)));
        found.set(id, `${name} (${own ?? `…${id.slice(-6)}`})`);
      }
    }
    return found;
  }

  /** All that is known of one of several rows of a name; of two that are alike to the letter the ends of their ids. */
  function knownBy(all) {
    const told = all.map((each) => facts(each).join(", "));
    return told.map((text, at) => (told.some((other, i) => i !== at && other === text && all[i].name === all[at].name) ? `${text}, …${all[at].id.slice(-6)}` : text));
  }

  return { alike, card, folded, knownBy, lines, make, namedApart, ranges, say, steps, table, told, when };
})();
