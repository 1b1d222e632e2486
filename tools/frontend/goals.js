// Draws levels over time from the table beside it, which says the same in words: the table is the truth, and without
// this file nothing is missing. Each context has a shape and a dash of its own, so that no colour is needed to tell them.

import uPlot from "uplot";

const CONTEXTS = {
  therapy: { day: "#0b5f66", night: "#84d3d8", dash: [], shape: circle },
  home: { day: "#7c2855", night: "#f0a9cd", dash: [8, 4], shape: square },
  school: { day: "#45347f", night: "#c3b5f5", dash: [3, 3], shape: triangle },
  community: { day: "#8a4b00", night: "#f3b968", dash: [10, 3, 2, 3], shape: diamond },
};
const DAY = { ink: "#4a5e63", line: "#d5dedd", expected: "#6b7d81" };
const NIGHT = { ink: "#aebdc0", line: "#3b4a4e", expected: "#8fa0a4" };
const HEIGHT = 200;
const SIZE = 5;

const night = window.matchMedia("(prefers-color-scheme: dark)");
const forced = window.matchMedia("(forced-colors: active)");
let printing = false;

function circle(ctx, x, y, r) {
  ctx.arc(x, y, r, 0, 2 * Math.PI);
}

function square(ctx, x, y, r) {
  ctx.rect(x - r * 0.9, y - r * 0.9, r * 1.8, r * 1.8);
}

function triangle(ctx, x, y, r) {
  ctx.moveTo(x, y - r * 1.2);
  ctx.lineTo(x + r * 1.15, y + r * 0.9);
  ctx.lineTo(x - r * 1.15, y + r * 0.9);
  ctx.closePath();
}

function diamond(ctx, x, y, r) {
  ctx.moveTo(x, y - r * 1.3);
  ctx.lineTo(x + r * 1.1, y);
  ctx.lineTo(x, y + r * 1.3);
  ctx.lineTo(x - r * 1.1, y);
  ctx.closePath();
}

// Paper is white whatever the screen is, and a reader who forces colours gets them.
const dark = () => night.matches && !printing;
const common = (name) => (forced.matches && !printing ? "CanvasText" : (dark() ? NIGHT : DAY)[name]);
const colour = (context) =>
  forced.matches && !printing ? "CanvasText" : dark() ? CONTEXTS[context].night : CONTEXTS[context].day;

function read(table) {
  const found = new Map();
  for (const row of table.querySelectorAll("tr[data-level]")) {
    const { at, context, level } = row.dataset;
    if (!CONTEXTS[context]) continue;
    if (!found.has(context)) found.set(context, [[], []]);
    const [times, levels] = found.get(context);
    const time = Math.max(Number(at), (times.at(-1) ?? -Infinity) + 1); // two of one second: side by side, in order
    times.push(time);
    levels.push(Number(level));
  }
  return found;
}

function signed(level) {
  return level > 0 ? `+${level}` : level < 0 ? `\u2212${-level}` : "0";
}

function marks(context) {
  return (u, index) => {
    const { ctx } = u;
    const [times, levels] = [u.data[0], u.data[index]];
    ctx.save();
    ctx.fillStyle = colour(context);
    for (let i = 0; i < times.length; i++) {
      if (levels[i] == null) continue;
      ctx.beginPath();
      CONTEXTS[context].shape(ctx, u.valToPos(times[i], "x", true), u.valToPos(levels[i], "y", true), SIZE * devicePixelRatio);
      ctx.fill();
    }
    ctx.restore();
  };
}

function draw(chart) {
  const table = document.getElementById(chart.dataset.chartOf);
  const place = chart.querySelector(".coord-chart__place");
  const found = table && read(table);
  if (!found || !place || ![...found.values()].some(([times]) => times.length)) return;
  chart.hidden = false;
  const contexts = [...found.keys()];
  const lang = document.documentElement.lang;
  const days = new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, {
    day: "numeric",
    month: "short",
    timeZone: chart.dataset.zone,
  });
  const all = [...found.values()].flatMap(([times]) => times);
  const margin = Math.max((Math.max(...all) - Math.min(...all)) * 0.05, 86400 * 2);
  const axis = {
    stroke: () => common("ink"),
    font: "14px system-ui, sans-serif",
    grid: { stroke: () => common("line"), width: 1 },
    ticks: { stroke: () => common("line"), width: 1, size: 4 },
  };
  const drawers = contexts.map(marks);
  const options = {
    width: Math.max(place.clientWidth, 200),
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    select: { show: false },
    scales: {
      x: { time: true, range: [Math.min(...all) - margin, Math.max(...all) + margin] },
      y: { range: [-2.4, 2.4] },
    },
    axes: [
      { ...axis, space: 70, incrs: [1, 2, 7, 14, 28, 56, 91, 182, 364].map((n) => n * 86400), values: (_u, splits) => days_of(days, splits) },
      { ...axis, size: 36, splits: () => [-2, -1, 0, 1, 2], values: (_u, splits) => splits.map(signed) },
    ],
    series: [
      {},
      ...contexts.map((context) => ({
        stroke: () => colour(context),
        width: 2,
        dash: CONTEXTS[context].dash,
        spanGaps: true,
        points: { show: false },
      })),
    ],
    hooks: {
      drawAxes: [expected],
      drawSeries: [(u, index) => index > 0 && drawers[index - 1](u, index)],
    },
  };
  const data = uPlot.join(contexts.map((context) => found.get(context)));
  const plot = new uPlot(options, data, place);
  new ResizeObserver(() => {
    const width = Math.max(place.clientWidth, 200);
    if (width !== plot.width) plot.setSize({ width, height: HEIGHT });
  }).observe(place);
  return plot;
}

function days_of(format, splits) {
  return splits.map((split) => format.format(new Date(split * 1000)));
}

// The level that was expected: what is above the line has come further.
function expected(u) {
  const { ctx, bbox } = u;
  const y = Math.round(u.valToPos(0, "y", true));
  ctx.save();
  ctx.strokeStyle = common("expected");
  ctx.lineWidth = 2 * devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}

const plots = [...document.querySelectorAll("[data-chart-of]")].map(draw).filter(Boolean);
const again = () => plots.forEach((plot) => plot.redraw(false, true));

night.addEventListener("change", again);
forced.addEventListener("change", again);
window.addEventListener("beforeprint", () => {
  printing = true;
  again();
});
window.addEventListener("afterprint", () => {
  printing = false;
  again();
});
