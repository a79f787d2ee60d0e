// The memory of all processes against the requests answered, one panel for each app and kind of connection, as SVG.
import { scaleLinear, scaleLog } from 'd3-scale';

const PANEL = { width: 330, height: 190, left: 52, right: 96, top: 34, bottom: 34 };
const STEP = { x: PANEL.left + PANEL.width + PANEL.right, y: PANEL.top + PANEL.height + PANEL.bottom };
const HEAD = 26;
/** Where the point before the first request stands: a logarithm has no zero. */
const IDLE = 400;
/** Labels of two lines that end close to one another are kept apart, in pixels. */
const LINE = 13;

const STYLE = `
  svg { max-width: 100%; height: auto; background: var(--back); color-scheme: light dark; --back: #fff; --text: #1c2330; --dim: #5d6778; --grid: #e1e6ed; --a: #b4460f; --b: #1c62b9; --c: #5d6778; --d: #2c7a3f; }
  @media (prefers-color-scheme: dark) { svg { --back: #14181f; --text: #e4e9f1; --dim: #9aa5b5; --grid: #2b3340; --a: #ff9f5a; --b: #7ab3f5; --c: #9aa5b5; --d: #7fd08f; } }
  .back { fill: var(--back); } text { fill: var(--dim); font: 11px system-ui, sans-serif; } .title { fill: var(--text); font-weight: 600; font-size: 12px; }
  .grid { stroke: var(--grid); } polyline { fill: none; stroke-width: 2; }
  .w0 { stroke: var(--a); } .w1 { stroke: var(--b); } .w2 { stroke: var(--c); } .w3 { stroke: var(--d); }
  text.w0, circle.w0 { fill: var(--a); stroke: none; } text.w1, circle.w1 { fill: var(--b); stroke: none; } text.w2, circle.w2 { fill: var(--c); stroke: none; } text.w3, circle.w3 { fill: var(--d); stroke: none; }
`;

/** @param samples those of bench/servers.mjs @param title a line above the panels @returns the picture's text */
export function plot(samples, title) {
  const memory = samples.filter(({ name }) => name === 'memory');
  const ways = [...new Set(memory.map(({ way }) => way))];
  const groups = Map.groupBy
    ? [...Map.groupBy(memory, titleOf)]
    : [...new Set(memory.map(titleOf))].map((each) => [each, memory.filter((one) => titleOf(one) === each)]);
  const rows = Math.ceil(groups.length / 2);
  const [width, height] = [STEP.x * Math.min(2, groups.length), HEAD + STEP.y * rows];
  const panels = groups.map(([name, group], i) => {
    const at = `translate(${(i % 2) * STEP.x}, ${HEAD + Math.floor(i / 2) * STEP.y})`;
    return `<g transform="${at}">${panel(name, group, ways)}</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<style>${STYLE}</style><rect class="back" width="100%" height="100%"/>
<text class="title" x="12" y="18">${title}</text>
${panels.join('\n')}
</svg>
`;
}

function panel(name, group, ways) {
  const lines = ways.map((way) => [way, curveOf(group.filter((sample) => sample.way === way))]);
  const all = lines.flatMap(([, curve]) => curve);
  const last = Math.max(...all.map(([requests]) => requests));
  const x = scaleLog([IDLE, last], [PANEL.left, PANEL.left + PANEL.width]);
  const most = Math.max(...all.map(([, mb]) => mb));
  const y = scaleLinear([0, most], [PANEL.top + PANEL.height, PANEL.top]).nice(5);
  const grid = y.ticks(5).map((mb) => {
    const at = y(mb).toFixed(1);
    const text = `<text x="${PANEL.left - 6}" y="${at}" dy="4" text-anchor="end">${mb}</text>`;
    return `<line class="grid" x1="${PANEL.left}" x2="${PANEL.left + PANEL.width}" y1="${at}" y2="${at}"/>${text}`;
  });
  const under = PANEL.top + PANEL.height + 16;
  const marks = [IDLE, 1000, 10_000, 100_000].filter((mark) => mark <= last);
  const names = marks.map((mark) => {
    const text = mark === IDLE ? 'idle' : mark.toLocaleString('en');
    return `<text x="${x(mark).toFixed(1)}" y="${under}" text-anchor="middle">${text}</text>`;
  });
  return [
    `<text class="title" x="${PANEL.left}" y="${PANEL.top - 12}">${name}</text>`,
    ...grid,
    ...names,
    ...lines.map(([, curve], i) => lineOf(curve, x, y, i)),
    ...labelsOf(lines, y),
  ].join('\n');
}

function lineOf(curve, x, y, i) {
  const points = curve.map(([requests, mb]) => [x(Math.max(IDLE, requests)).toFixed(1), y(mb).toFixed(1)]);
  const dots = points.map(([cx, cy]) => `<circle class="w${i}" cx="${cx}" cy="${cy}" r="2.5"/>`);
  return `<polyline class="w${i}" points="${points.join(' ')}"/>${dots.join('')}`;
}

function labelsOf(lines, y) {
  const ends = lines
    .flatMap(([way, curve], i) => (curve.length > 0 ? [{ way, i, mb: curve.at(-1)[1], at: y(curve.at(-1)[1]) }] : []))
    .sort((a, b) => b.at - a.at);
  ends.forEach((end, n) => {
    if (n > 0) end.at = Math.min(end.at, ends[n - 1].at - LINE);
  });
  const left = PANEL.left + PANEL.width + 6;
  return ends.map(({ way, i, mb, at }) => {
    return `<text class="w${i}" x="${left}" y="${(at + 4).toFixed(1)}">${way} ${Math.round(mb)}</text>`;
  });
}

/** The median of all rounds at each number of requests. */
function curveOf(samples) {
  const counts = samples[0]?.curve.map(([requests]) => requests) ?? [];
  return counts.map((requests, n) => [requests, median(samples.map(({ curve }) => curve[n][1]))]);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function titleOf({ app, workers, connection }) {
  return `${app} app, ${workers} workers, ${connection === 'kept' ? 'kept connections' : 'a connection per request'}: PSS, MB`;
}
