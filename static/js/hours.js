// The week as a grid to paint. It reads and writes the seven fields of the form, which are what is sent.
"use strict";

const form = document.querySelector(".hours-form");
const words = form.dataset;
const STEP = 30, SLOTS = 48;
const clock = (minute) => `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

// A day is a list of [opens, closes) in minutes; odd minutes that somebody wrote survive what is painted beside them.
function read(text) {
  const found = [];
  for (const part of text.replaceAll("：", ":").split(/[,，]/).filter((each) => each.trim())) {
    const match = part.trim().match(/^(\d{1,2}):(\d{2})\s*[-–—~至]\s*(\d{1,2}):(\d{2})$/);
    if (!match) return null;
    const [a, b, c, d] = match.slice(1).map(Number);
    found.push([a * 60 + b, c * 60 + d]);
  }
  return found;
}
const without = (day, from, to) => day.flatMap(([a, b]) => [[a, Math.min(b, from)], [Math.max(a, to), b]].filter(([c, d]) => c < d));
function joined(day) {
  const found = [];
  for (const [a, b] of [...day].sort((one, other) => one[0] - other[0])) {
    const last = found.at(-1);
    if (last && a <= last[1]) last[1] = Math.max(last[1], b);
    else found.push([a, b]);
  }
  return found;
}
const written = (day) => day.map(([a, b]) => `${clock(a)}-${clock(b)}`).join(", ");
const minutesIn = (day, from, to) => day.reduce((sum, [a, b]) => sum + Math.max(0, Math.min(b, to) - Math.max(a, from)), 0);

const fields = [...Array(7).keys()].map((day) => form.querySelector(`[name=day_${day}]`));
const names = fields.map((field) => form.querySelector(`label[for=${field.id}]`).textContent);
const short = words.short.split("|");
let week = fields.map((field) => read(field.value) || []);
const cells = [];
const grid = form.querySelector(".paint-grid");

function make(name, parent, classes, text = "") {
  const made = document.createElement(name);
  made.className = classes;
  made.textContent = text;
  parent.append(made);
  return made;
}

function build() {
  grid.setAttribute("role", "grid");
  grid.setAttribute("aria-label", words.grid);
  grid.setAttribute("aria-describedby", "paint-how");
  const axis = make("div", grid, "paint-axis");
  axis.setAttribute("aria-hidden", "true");
  make("span", axis, "paint-corner");
  for (let hour = 0; hour < 24; hour += 2) make("span", axis, "paint-hour", String(hour).padStart(2, "0"));
  fields.forEach((_field, day) => {
    const row = make("div", grid, "paint-day");
    row.setAttribute("role", "row");
    const head = make("span", row, "paint-name", short[day]);
    head.setAttribute("role", "rowheader");
    head.setAttribute("aria-label", names[day]);
    cells.push([]);
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const cell = make("span", row, "paint-cell");
      cell.setAttribute("role", "gridcell");
      cell.tabIndex = day || slot !== 16 ? -1 : 0;
      cell.dataset.day = day;
      cell.dataset.slot = slot;
      cells[day].push(cell);
    }
    const copy = make("span", row, "paint-copy");
    copy.setAttribute("role", "gridcell");
    if (!day) return;
    const button = make("button", copy, "link", words.as.replace("{day}", short[0]));
    button.type = "button";
    make("span", button, "visually-hidden", ` (${names[day]})`);
    button.addEventListener("click", () => change(day, week[0].map((each) => [...each])));
  });
  form.querySelector(".paint").hidden = false;
}

function show(day) {
  cells[day].forEach((cell, slot) => {
    const open = minutesIn(week[day], slot * STEP, slot * STEP + STEP);
    cell.classList.toggle("on", open === STEP);
    cell.classList.toggle("part", open > 0 && open < STEP);
    cell.setAttribute("aria-selected", String(open > 0));
    const time = `${clock(slot * STEP)}–${clock(slot * STEP + STEP)}`;
    cell.setAttribute("aria-label", `${names[day]} ${time} ${open ? words.open : words.closed}`);
  });
  const hours = week.reduce((sum, each) => sum + minutesIn(each, 0, 1440), 0) / 60;
  form.querySelector(".hours-sum").textContent = words.week.replace("{hours}", String(Math.round(hours * 100) / 100));
}

// What was painted and not saved is not left by accident.
let unsaved = false;
form.addEventListener("submit", () => { unsaved = false; });
window.addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

function change(day, stretches) {
  unsaved = true;
  week[day] = joined(stretches);
  fields[day].value = written(week[day]);
  show(day);
}

// From the cell where it began to the one where it is: what lies between is painted, the rest is as it was.
function paint(stroke, day, slot) {
  const [firstDay, lastDay] = [Math.min(stroke.day, day), Math.max(stroke.day, day)];
  const [first, last] = [Math.min(stroke.slot, slot) * STEP, (Math.max(stroke.slot, slot) + 1) * STEP];
  for (let each = 0; each < 7; each += 1) {
    const before = stroke.before[each];
    if (each < firstDay || each > lastDay) {
      if (week[each] !== before) change(each, before);
    } else {
      const rest = without(before, first, last);
      change(each, stroke.open ? [...rest, [first, last]] : rest);
    }
  }
}
const begin = (day, slot) => ({ day, slot, open: !cells[day][slot].classList.contains("on"), before: [...week] });
const placeOf = (cell) => [Number(cell.dataset.day), Number(cell.dataset.slot)];

function focus(day, slot) {
  grid.querySelector("[tabindex='0'].paint-cell").tabIndex = -1;
  cells[day][slot].tabIndex = 0;
  cells[day][slot].focus();
}

let stroke = null;
grid.addEventListener("pointerdown", (event) => {
  const cell = event.target.closest(".paint-cell");
  if (!cell || event.button) return;
  event.preventDefault();
  const [day, slot] = placeOf(cell);
  focus(day, slot);
  stroke = begin(day, slot);
  paint(stroke, day, slot);
  grid.setPointerCapture(event.pointerId);
});
grid.addEventListener("pointermove", (event) => {
  const cell = stroke && document.elementFromPoint(event.clientX, event.clientY)?.closest(".paint-cell");
  if (cell) paint(stroke, ...placeOf(cell));
});
for (const end of ["pointerup", "pointercancel"]) grid.addEventListener(end, () => { stroke = null; });

// On a phone the days stand side by side: an arrow key goes where it points.
let byKeys = null;
const ALONG = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
grid.addEventListener("keydown", (event) => {
  const cell = event.target.closest(".paint-cell");
  if (!cell) return;
  const [day, slot] = placeOf(cell);
  if (event.key === " " || event.key === "Enter") {
    event.preventDefault();
    byKeys = begin(day, slot);
    paint(byKeys, day, slot);
    return;
  }
  let to = null;
  if (ALONG[event.key]) {
    const upright = getComputedStyle(grid).getPropertyValue("--upright").trim() === "1";
    const [one, other] = ALONG[event.key];
    const [days, slots] = upright ? [other, one] : [one, other];
    to = [Math.min(6, Math.max(0, day + days)), Math.min(SLOTS - 1, Math.max(0, slot + slots))];
  } else if (event.key === "Home" || event.key === "End") to = [day, event.key === "Home" ? 0 : SLOTS - 1];
  if (!to) return;
  event.preventDefault();
  focus(...to);
  if (event.shiftKey) {
    byKeys = byKeys || { ...begin(day, slot), open: cells[day][slot].classList.contains("on") };
    paint(byKeys, ...to);
  } else byKeys = null;
});

fields.forEach((field, day) => {
  field.addEventListener("input", () => {
    const said = read(field.value);
    if (!said) return;
    week[day] = joined(said);
    show(day);
  });
});

build();
fields.forEach((_field, day) => show(day));
