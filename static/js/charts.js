// Draws the table beside it as stacked bars: the figures are the table's own, and without this the table is enough.
"use strict";

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Each series has a colour and a pattern, so that it is told apart without colours too.
const PATTERNS = [
  [],
  [[0, 12, 12, 0]],
  [[0, 6, 12, 6]],
  [[6, 0, 6, 12]],
  [[0, 0, 12, 12], [0, 12, 12, 0]],
  [[0, 0, 12, 12]],
];

function filled(colour, lines) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 12;
  const pen = tile.getContext("2d");
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 12, 12);
  pen.strokeStyle = "#fff";
  pen.lineWidth = 1.5;
  for (const [x, y, toX, toY] of lines) {
    pen.beginPath();
    pen.moveTo(x, y);
    pen.lineTo(toX, toY);
    pen.stroke();
  }
  return pen.createPattern(tile, "repeat");
}

function seriesOf(table) {
  const heads = [...table.tHead.rows[0].cells];
  const rows = [...table.tBodies[0].rows];
  const number = (cell) => Number(cell.textContent.replace(/[^\d.-]/g, ""));
  return {
    labels: rows.map((row) => row.cells[0].textContent),
    series: heads.flatMap((head, column) =>
      "series" in head.dataset ? [{ label: head.textContent, data: rows.map((row) => number(row.cells[column])) }] : []
    ),
  };
}

function draw(box) {
  const { labels, series } = seriesOf(document.getElementById(box.dataset.chartOf));
  const colours = ["--sea-600", "--wait", "--sea-300", "--ink-700", "--good", "--ink-500"].map(token);
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", box.dataset.words);
  box.append(canvas);
  box.hidden = false;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.color = token("--ink-700");
  new Chart(canvas, {
    type: "bar",
    data: {
      labels,
      datasets: series.map((each, n) => ({
        ...each,
        backgroundColor: filled(colours[n % colours.length], PATTERNS[n % PATTERNS.length]),
        borderColor: token("--card"),
        borderWidth: 1,
      })),
    },
    options: {
      animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 300 },
      maintainAspectRatio: false,
      interaction: { mode: "index" },
      plugins: { legend: { position: "bottom" } },
      scales: {
        x: { stacked: true, grid: { display: false } },
        y: { stacked: true, beginAtZero: true, grid: { color: token("--line") } },
      },
    },
  });
}

for (const box of document.querySelectorAll("[data-chart-of]")) draw(box);
