// SPDX-License-Identifier: Apache-2.0
// Draws each [data-chart] from the table it names, and folds the table away. Without scripts the tables are there to be read.
const root = document.documentElement;
const charts = [];

function colour(name) {
  const probe = document.createElement("span");
  probe.className = `chart-${name}`;
  probe.hidden = true;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

function read(table) {
  const rows = [...table.tBodies[0].rows];
  return {
    names: [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent),
    labels: rows.map((row) => row.cells[0].textContent),
    numbers: (column) => rows.map((row) => Number(row.cells[column + 1].dataset.number)),
    texts: (column) => rows.map((row) => row.cells[column + 1].textContent),
  };
}

function draw(place) {
  const table = document.getElementById(place.dataset.table);
  const data = read(table);
  const kind = place.dataset.chart;
  const compact = new Intl.NumberFormat(root.lang, { notation: "compact" });
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", place.dataset.title);
  place.replaceChildren(canvas);
  place.hidden = false;
  const ink = colour("ink");
  const line = colour("line");
  const tones = [colour("first"), colour("second")];
  return new Chart(canvas, {
    type: kind === "line" ? "line" : "bar",
    data: {
      labels: data.labels,
      datasets: data.names.map((name, column) => ({
        label: name,
        data: data.numbers(column),
        texts: data.texts(column),
        borderColor: tones[column],
        backgroundColor: tones[column],
        borderRadius: 3,
        borderWidth: kind === "line" ? 2 : 0,
        pointRadius: 0,
        pointHitRadius: 12,
        tension: 0.3,
        maxBarThickness: 28,
      })),
    },
    options: {
      animation: false,
      maintainAspectRatio: false,
      interaction: { mode: "index", intersect: false },
      scales: {
        x: { stacked: kind === "stacked", grid: { display: false }, ticks: { color: ink, maxRotation: 0, autoSkipPadding: 16 } },
        y: {
          stacked: kind === "stacked", beginAtZero: true, grid: { color: line }, border: { display: false },
          ticks: { color: ink, maxTicksLimit: 5, callback: (number) => compact.format(number) },
        },
      },
      plugins: {
        legend: { display: data.names.length > 1, align: "end", labels: { color: ink, boxWidth: 10, boxHeight: 10 } },
        tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${item.dataset.texts[item.dataIndex]}` } },
      },
    },
  });
}

function drawAll() {
  for (const chart of charts.splice(0)) chart.destroy();
  for (const place of document.querySelectorAll("[data-chart]")) charts.push(draw(place));
}

Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
drawAll();
for (const table of document.querySelectorAll(".as-table")) table.open = false;
new MutationObserver(drawAll).observe(root, { attributes: true, attributeFilter: ["data-bs-theme"] });
