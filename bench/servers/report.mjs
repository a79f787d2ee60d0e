// The samples as tables, each way beside node:cluster's default.
import { spread } from '../cost/report.mjs';

const AGAINST = 'cluster';

const COLUMNS = {
  start: { 'first answer, ms': ({ first }) => first, 'all have answered, ms': ({ last }) => last },
  replace: { 'kill to first answer, ms': ({ times }) => times },
  memory: {
    'PSS idle, MB': ({ idle }) => idle,
    'PSS after 20,000 requests, MB': ({ curve = [] }) => curve.flatMap(([n, mb]) => (n === 20_000 ? mb : [])),
    'PSS after all requests, MB': ({ served }) => served,
    'CPU a request, µs': ({ cpu }) => cpu,
  },
  throughput: {
    'requests/s': ({ perSecond }) => perSecond,
    'p99, ms': ({ p99 }) => p99,
    'CPU a request, µs': ({ cpu }) => cpu,
    failed: ({ failed }) => failed,
  },
};

/** Of each measurement: its title and the rows of its table. */
export function report(samples) {
  const groups = groupBy(samples, titleOf);
  return [...groups].map(([title, group]) => ({ title, rows: rowsOf(group) }));
}

function titleOf({ name, app, workers, connection }) {
  return [`${name}: ${app} app, ${workers} workers`, connection && `connection ${connection}`]
    .filter(Boolean)
    .join(', ');
}

function rowsOf(group) {
  const columns = COLUMNS[group[0].name];
  const numbers = (way, pick) => group.filter((sample) => sample.way === way).flatMap(pick);
  return [...new Set(group.map(({ way }) => way))].map((way) => {
    const row = { '': way };
    for (const [column, pick] of Object.entries(columns)) {
      const own = numbers(way, pick);
      row[column] = own.length > 0 ? spread(own) : 'never';
      if (column !== 'failed') row[`${column.split(',')[0]} ×`] = ratio(median(own), median(numbers(AGAINST, pick)));
    }
    return row;
  });
}

function ratio(own, other) {
  return (own / other).toFixed(own / other < 0.1 ? 3 : 2);
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
