"use strict";

// Every lead of the batch: sorted, filtered, searched and opened to its trail, from data packed in this page.
// All text from the data goes in as text nodes; nothing here makes markup out of it.
(() => {
  const PAGE = 50;
  const DASH = "\u2013";
  const box = document.getElementById("lead-table");
  const plain = new Intl.NumberFormat("en");
  const day = new Intl.DateTimeFormat("en-GB", { timeZone: box.dataset.zone, day: "numeric", month: "short", year: "numeric" });
  const instant = new Intl.DateTimeFormat("en-GB", { timeZone: box.dataset.zone, day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const utcDay = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "short", year: "numeric" });
  const met = ["not met", "met"];

  const view = { sort: null, down: false, page: 0, search: "", filters: new Map(), open: new Set() };
  let leads, order, shown, hay, records, unpacking;

  async function unpack(id) {
    const text = document.getElementById(id).textContent;
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).json();
  }

  function element(tag, given = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(given)) {
      if (name === "text") made.textContent = value;
      else if (value !== null && value !== undefined) made.setAttribute(name, value);
    }
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  const word = (column, row) => (column.codes[row] < 0 ? null : column.words[column.codes[row]]);
  const text = (name, row) => word(leads[name], row);
  const when = (minutes, format) => (minutes === null ? null : format.format(minutes * 60000));
  const note = (said) => (said ? element("span", { class: "note", text: said }) : null);

  const COLUMNS = [
    { title: "Lead", key: (r) => leads.name.codes[r], cell: nameCell, kind: "name" },
    { title: "Owner", key: (r) => leads.owner.codes[r], cell: (r) => [text("owner", r) ?? DASH] },
    { title: "Handed over", key: (r) => leads.handed_at[r], cell: (r) => [when(leads.handed_at[r], day) ?? DASH], first: -1 },
    { title: "Score", key: (r) => leads.score[r], cell: (r) => [leads.score[r] ?? DASH], kind: "num", first: -1 },
    { title: "Definition", key: (r) => leads.met_definition[r], cell: (r) => [met[leads.met_definition[r]] ?? "unknown", note(text("failed_clauses", r))] },
    { title: "Follow-up", key: (r) => leads.follow_up.codes[r], cell: followCell },
    { title: "State", key: (r) => leads.state.codes[r], cell: stateCell },
    { title: "Contradictions", key: (r) => leads.n_contradictions[r], cell: (r) => [leads.n_contradictions[r] || DASH], kind: "num", first: -1 },
  ];

  function nameCell(row) {
    const isOpen = view.open.has(row);
    const button = element("button", { type: "button", "aria-expanded": String(isOpen), text: text("name", row) ?? text("lead_id", row) ?? DASH });
    button.addEventListener("click", () => toggle(row, button));
    const about = [text("company", row), text("lead_id", row)].filter((each) => each && each !== text("name", row));
    return [button, note(about.join(" · "))];
  }

  function followCell(row) {
    const n = leads.n_touches[row];
    const said = [n === null ? null : `${n} ${n === 1 ? "touch" : "touches"}`, text("sla", row) && `agreed time ${text("sla", row)}`];
    return [text("follow_up", row) ?? DASH, note(said.filter(Boolean).join(", "))];
  }

  function stateCell(row) {
    const days = leads.days_to_outcome[row];
    const after = days === null ? null : `after ${plain.format(Math.round(days * 10) / 10)} d`;
    return [text("state", row) ?? DASH, note([text("reason", row), after].filter(Boolean).join(", "))];
  }

  // Filters: a select for each; a lead passes if it fits all of them and holds all words of the search.
  const FILTERS = [
    { title: "State", name: "state" },
    { title: "Follow-up", name: "follow_up" },
    { title: "Owner", name: "owner" },
    { title: "Definition", options: () => ["met", "not met", "unknown"], fits: (r, value) => (met[leads.met_definition[r]] ?? "unknown") === value },
    { title: "Contradiction", options: contradictionOptions, fits: contradicts },
  ];

  function contradictionOptions() {
    return leads.contradictions.titles.length ? ["any", "none", ...leads.contradictions.titles] : [];
  }

  function contradicts(row, value) {
    if (value === "any") return leads.n_contradictions[row] > 0;
    if (value === "none") return !leads.n_contradictions[row];
    const at = leads.contradictions.titles.indexOf(value);
    leads.contradictions.sets ??= [];
    leads.contradictions.sets[at] ??= new Set(leads.contradictions.leads[at]);
    return leads.contradictions.sets[at].has(row);
  }

  function optionsOf(filter) {
    if (filter.options) return filter.options().map((value) => [value, value]);
    const column = leads[filter.name];
    const said = column.words.map((each, code) => [String(code), each]);
    return column.codes.includes(-1) ? [...said, ["-1", "not recorded"]] : said;
  }

  function fits(filter, row, value) {
    return filter.fits ? filter.fits(row, value) : leads[filter.name].codes[row] === Number(value);
  }

  function refresh() {
    const wanted = view.search.toLowerCase().split(/\s+/).filter(Boolean);
    const filters = FILTERS.filter((filter) => view.filters.get(filter)).map((filter) => [filter, view.filters.get(filter)]);
    shown = order.filter((row) => filters.every(([filter, value]) => fits(filter, row, value)) && wanted.every((each) => hay[row].includes(each)));
    view.page = Math.min(view.page, Math.max(Math.ceil(shown.length / PAGE) - 1, 0));
    paint();
  }

  function sort(column) {
    view.down = view.sort === column ? !view.down : column.first === -1;
    view.sort = column;
    const keys = Array.from({ length: leads.n }, (_, row) => column.key(row));
    const empty = (key) => key === null || key === undefined || key === -1;
    const sign = view.down ? -1 : 1;
    order.sort((a, b) => {
      const [x, y] = [keys[a], keys[b]];
      if (empty(x) || empty(y)) return empty(x) - empty(y) || a - b;
      return sign * (x - y) || a - b;
    });
    view.page = 0;
    refresh();
  }

  let table, body, count, pages, previous, next;

  function paint() {
    const first = view.page * PAGE;
    const rows = shown.slice(first, first + PAGE);
    body.replaceChildren(...rows.flatMap((row) => (view.open.has(row) ? [line(row), detail(row)] : [line(row)])));
    const of = shown.length === leads.n ? `${plain.format(leads.n)} leads` : `${plain.format(shown.length)} of ${plain.format(leads.n)} leads`;
    count.textContent = shown.length ? `${plain.format(first + 1)}${DASH}${plain.format(first + rows.length)}, ${of}` : `No lead fits, of ${plain.format(leads.n)}.`;
    pages.textContent = `Page ${view.page + 1} of ${Math.max(Math.ceil(shown.length / PAGE), 1)}`;
    previous.disabled = view.page === 0;
    next.disabled = first + PAGE >= shown.length;
    for (const [at, header] of [...table.tHead.rows[0].cells].entries()) {
      if (COLUMNS[at] === view.sort) header.setAttribute("aria-sort", view.down ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    }
  }

  function line(row) {
    const cells = COLUMNS.map((column) => element("td", { "data-label": column.title, class: column.kind }, wrap(column.cell(row))));
    return element("tr", { class: view.open.has(row) ? "open" : null, "data-row": row }, ...cells);
  }

  function wrap(parts) {
    const known = parts.filter((part) => part !== null).map((part) => (part instanceof Node ? part : document.createTextNode(String(part))));
    const fragment = document.createDocumentFragment();
    if (known.length > 1 && !(known[0] instanceof HTMLElement)) fragment.append(element("span", {}, ...known));
    else fragment.append(...known);
    return fragment;
  }

  async function toggle(row, button) {
    const tr = button.closest("tr");
    if (view.open.delete(row)) {
      tr.nextElementSibling.remove();
      tr.classList.remove("open");
      button.setAttribute("aria-expanded", "false");
      return;
    }
    unpacking ??= unpack("lead-records");
    records = await unpacking;
    view.open.add(row);
    tr.classList.add("open");
    button.setAttribute("aria-expanded", "true");
    tr.after(detail(row));
  }

  function range(part, row) {
    const [start, end] = [records[part].starts[row], records[part].starts[row + 1]];
    return Array.from({ length: end - start }, (_, at) => start + at);
  }

  function detail(row) {
    const cell = element("td", { class: "trail", colspan: COLUMNS.length });
    const known = [["Handed over", when(leads.handed_at[row], instant)], ["Outcome", when(leads.outcome_at[row], instant)], ["Evidence", text("evidence", row)], ["First touch", when(leads.first_touch_at[row], instant)]];
    cell.append(element("dl", { class: "facts" }, ...known.filter(([, value]) => value).map(([title, value]) => element("div", {}, element("dt", { text: title }), element("dd", { text: value })))));
    cell.append(...contradictionsOf(row), ...clausesOf(row), ...eventsOf(row));
    return element("tr", { class: "detail" }, cell);
  }

  function contradictionsOf(row) {
    const part = records.contradictions;
    const said = range("contradictions", row).map((at) => [word(part.title, at), word(part.detail, at)].filter(Boolean).join(": "));
    return said.length ? [element("h4", { text: "Contradictions" }), element("ul", {}, ...said.map((each) => element("li", { text: each })))] : [];
  }

  function clausesOf(row) {
    const part = records.clauses;
    const rows = range("clauses", row).map((at) => [
      [word(part.clause, at)], [word(part.value, at)], [["failed", "passed"][part.passed[at]] ?? "unknown", part.passed[at] === 0 ? "failed" : null], [word(part.evidence, at)],
    ]);
    return rows.length ? [element("h4", { text: "The definition, clause by clause, as of the hand-off" }), grid(["Clause", "Value as of then", "Outcome", "Evidence"], rows)] : [];
  }

  function eventsOf(row) {
    const part = records.trail;
    const rows = range("trail", row).map((at) => {
      const isDay = word(part.precision, at) !== "second";
      return [[when(part.at[at], isDay ? utcDay : instant), "when"], [word(part.kind, at)], [word(part.what, at)], [word(part.who, at)], [word(part.evidence, at)]];
    });
    return rows.length ? [element("h4", { text: "What happened" }), grid(["When", "Event", "What", "Who", "Evidence"], rows)] : [element("p", { text: "Nothing is recorded." })];
  }

  function grid(titles, rows) {
    const head = element("thead", {}, element("tr", {}, ...titles.map((title) => element("th", { scope: "col", text: title }))));
    const lines = rows.map((cells) => element("tr", {}, ...cells.map(([value, kind], at) => element("td", { "data-label": titles[at], class: kind, text: value ?? DASH }))));
    return element("table", { class: "stack" }, head, element("tbody", {}, ...lines));
  }

  // A spreadsheet must not take a cell for a formula, and a quote must not end a cell.
  function harmless(value) {
    const said = value === null || value === undefined ? "" : String(value);
    const safe = typeof value === "string" && /^[ ]*[=+\-@\t\r\n]/.test(said) ? `'${said}` : said;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function csv() {
    const iso = (minutes) => (minutes === null ? null : new Date(minutes * 60000).toISOString().slice(0, 16).replace("T", " "));
    const columns = [
      ["lead_id", (r) => text("lead_id", r)], ["name", (r) => text("name", r)], ["company", (r) => text("company", r)], ["owner", (r) => text("owner", r)],
      ["handed_at_utc", (r) => iso(leads.handed_at[r])], ["score", (r) => leads.score[r]], ["definition", (r) => met[leads.met_definition[r]] ?? "unknown"], ["failed_clauses", (r) => text("failed_clauses", r)],
      ["follow_up", (r) => text("follow_up", r)], ["first_touch_at_utc", (r) => iso(leads.first_touch_at[r])], ["n_touches", (r) => leads.n_touches[r]], ["sla", (r) => text("sla", r)],
      ["state", (r) => text("state", r)], ["reason", (r) => text("reason", r)], ["outcome_at_utc", (r) => iso(leads.outcome_at[r])], ["days_to_outcome", (r) => leads.days_to_outcome[r]],
      ["evidence", (r) => text("evidence", r)], ["n_contradictions", (r) => leads.n_contradictions[r]],
    ];
    const lines = [columns.map(([name]) => name), ...shown.map((row) => columns.map(([, value]) => harmless(value(row))))];
    return lines.map((cells) => cells.join(",")).join("\n") + "\n";
  }

  function save() {
    const link = element("a", { href: URL.createObjectURL(new Blob([csv()], { type: "text/csv" })), download: "leads-shown.csv" });
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function tools() {
    const field = element("input", { type: "search", placeholder: "Name, company, id, owner, reason" });
    let waiting;
    field.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { view.search = field.value; view.page = 0; refresh(); }, 60);
    });
    const filters = FILTERS.filter((filter) => optionsOf(filter).length > 1).map((filter) => {
      const select = element("select", { "aria-label": filter.title }, element("option", { value: "", text: "all" }), ...optionsOf(filter).map(([value, said]) => element("option", { value, text: said })));
      select.addEventListener("change", () => { view.filters.set(filter, select.value); view.page = 0; refresh(); });
      return element("label", { class: "half" }, filter.title, select);
    });
    return element("div", { class: "tools", role: "search", "aria-label": "Leads" }, element("label", { class: "search" }, "Search", field), ...filters);
  }

  function header(column) {
    const button = element("button", { type: "button", text: column.title });
    button.addEventListener("click", () => sort(column));
    return element("th", { scope: "col", class: column.kind === "num" ? "num" : null }, button);
  }

  function turn(title, step) {
    const button = element("button", { type: "button", text: title });
    button.addEventListener("click", () => { view.page += step; paint(); table.scrollIntoView({ block: "start" }); });
    return button;
  }

  function build() {
    body = element("tbody");
    count = element("span", { role: "status" });
    pages = element("span");
    [previous, next] = [turn("Previous", -1), turn("Next", 1)];
    table = element("table", { class: "data stack leads" }, element("thead", {}, element("tr", {}, ...COLUMNS.map(header))), body);
    const file = element("button", { type: "button", text: "CSV of these rows" });
    file.addEventListener("click", save);
    box.replaceChildren(tools(), element("div", { class: "pager top" }, count, file), table, element("div", { class: "pager" }, previous, pages, next));
  }

  async function start() {
    leads = await unpack("lead-data");
    order = Array.from({ length: leads.n }, (_, row) => row);
    const told = ["name", "company", "lead_id", "owner", "reason", "failed_clauses"];
    hay = order.map((row) => told.map((name) => text(name, row) ?? "").join("\n").toLowerCase());
    build();
    refresh();
    document.documentElement.dataset.ready = "yes";
  }

  if ("DecompressionStream" in window) start();
})();
