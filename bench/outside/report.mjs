// The samples as one table for each figure: every contestant, beside the one that the others are measured against.
import { spread } from '../report.mjs';

const LATENCY = { 'p50, µs': ({ p50Us }) => p50Us, 'p99, µs': ({ p99Us }) => p99Us };

export const FIGURES = {
  line: { title: 'Line echo, one connection', of: 'line' },
  lines: { title: 'Line echo, as many connections as workers', of: 'line' },
  exchange: { title: 'Connect, a line, its echo, exit, the end', of: 'connection' },
  accept: { title: 'Connect, hang up', of: 'connection' },
  request: { title: 'HTTP, a connection for each request', of: 'request', more: LATENCY },
  kept: { title: 'HTTP, as many kept connections as workers', of: 'request', more: LATENCY },
  memory: { title: 'HTTP, all processes together after these requests' },
};

/** The title and the table's rows of each figure with samples. @param against the figure's contestant with 1.00 */
export function report(samples, against) {
  return Object.keys(FIGURES).flatMap((figure) => {
    const own = samples.filter((sample) => sample.figure === figure);
    return own.length === 0 ? [] : [{ title: FIGURES[figure].title, rows: rows(figure, own, against(figure)) }];
  });
}

function rows(figure, samples, base) {
  const names = [...new Set(samples.map(({ name }) => name))];
  const of = (name) => samples.filter((sample) => sample.name === name);
  return names.map((name) => ({ '': name, ...cells(figure, of(name), of(base), base), note: note(of(name)) }));
}

function cells(figure, samples, others, base) {
  const measured = samples.filter(({ missing }) => missing === undefined);
  const row = {};
  for (const [title, pick] of Object.entries(compared(figure))) {
    row[title] = measured.length > 0 ? spread(measured.map(pick)) : '-';
    row[`${title.split(/[ ,/]/)[0]} × ${base}`] = ratio(measured, others, pick);
  }
  for (const [title, pick] of Object.entries(FIGURES[figure].more ?? {})) {
    row[title] = measured.length > 0 ? spread(measured.map(pick)) : '-';
  }
  return row;
}

/** The columns that have a ratio beside them. */
function compared(figure) {
  const { of } = FIGURES[figure];
  if (of === undefined) return { 'PSS, MB': ({ pssMb }) => pssMb };
  return { [`${of}s/s`]: ({ perSecond }) => perSecond, [`CPU a ${of}, µs`]: ({ cpuUs }) => cpuUs };
}

// Round by round, so that what else the machine did then met both.
function ratio(samples, others, pick) {
  const ratios = samples.flatMap((sample) => {
    const other = others.find(({ round, missing }) => round === sample.round && missing === undefined);
    return other === undefined ? [] : pick(sample) / pick(other);
  });
  return ratios.length === 0 ? '-' : spread(ratios, (each) => each.toFixed(2));
}

function note(samples) {
  const missing = samples.filter((sample) => sample.missing !== undefined);
  const cold = samples.filter((sample) => sample.cold);
  const reasons = [...new Set(missing.map((sample) => sample.missing))].join('; ');
  if (missing.length === samples.length) return reasons;
  const parts = [missing.length > 0 && `missing in ${missing.length} of ${samples.length} rounds: ${reasons}`];
  if (cold.length > 0) parts.push(`not warm in ${cold.length} of ${samples.length}`);
  return parts.filter(Boolean).join('; ');
}
