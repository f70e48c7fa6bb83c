"use strict";

// Each figure is already on the page as a static picture; where plotly.js runs it takes the picture's place.
function draw(block) {
  const holder = document.getElementById(block.dataset.figure + "-plot");
  const figure = block.closest("figure");
  const spec = JSON.parse(block.textContent);
  figure.classList.add("drawn");
  return Plotly.newPlot(holder, spec.data, spec.layout, spec.config).catch(() => figure.classList.remove("drawn"));
}

// Numbers are compared as numbers, whatever their unit; everything else as text.
function order(a, b) {
  const read = (text) => parseFloat(text.replace(/[^0-9.\u2212-]/g, "").replace("\u2212", "-"));
  const [x, y] = [read(a), read(b)];
  return Number.isNaN(x) || Number.isNaN(y) ? a.localeCompare(b, "en") : x - y;
}

function sortable(table) {
  table.querySelectorAll("thead th").forEach((header, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = header.textContent;
    header.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = header.getAttribute("aria-sort") === "ascending";
      table.querySelectorAll("th").forEach((each) => each.removeAttribute("aria-sort"));
      header.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      rows.sort((a, b) => (down ? -1 : 1) * order(a.cells[column].textContent, b.cells[column].textContent));
      table.tBodies[0].append(...rows);
    });
  });
}

function searchable(table) {
  const field = document.createElement("input");
  field.type = "search";
  field.placeholder = "Search these rows";
  field.setAttribute("aria-label", "Search these rows");
  field.addEventListener("input", () => {
    const wanted = field.value.toLowerCase();
    for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  table.parentElement.before(field);
}

for (const table of document.querySelectorAll("table[data-long]")) {
  sortable(table);
  searchable(table);
}
// On a narrow screen the static pictures stay: they are made for it, and 5 MB of script are not read for nothing.
function explore() {
  const blocks = [...document.querySelectorAll("script[data-figure]")];
  const script = document.createElement("script");
  script.src = "plotly.min.js";
  script.addEventListener("load", async () => {
    await Promise.all(blocks.map(draw));
    document.documentElement.dataset.ready = "yes";
  });
  document.head.append(script);
}

const wide = window.matchMedia("(min-width: 720px)");
if (wide.matches) explore();
else wide.addEventListener("change", explore, { once: true });
