import { groupBy } from '../../util/group-by.js';
import { count, duration, mebibytes, milliseconds, rate } from '../../util/quantities.js';
import type { History, HistoryPoint, Mark, MarkType } from '../history.js';
import {
  barPath,
  className,
  edges,
  HEIGHT,
  largest,
  linePath,
  marksOf,
  newest,
  type Scale,
  type Value,
  WIDTH,
  xOf,
} from './plot.js';

/** Milliseconds that the plots show: at first, and in the end. */
const MIN_SPAN_MS = 60_000;
const MAX_SPAN_MS = 15 * 60_000;
/** Points that may be missing before a line is interrupted; memory is known of each third point only. */
const MISSING = 4;
/** The most that are listed below the plots. */
const LISTED = 20;

interface Series {
  readonly name: string;
  readonly value: (point: HistoryPoint) => number | null;
  readonly text: (value: number) => string;
  /** In a minute's row of the table. */
  readonly together: 'largest' | 'sum';
}

const SERIES: readonly Series[] = [
  { name: 'requests/s', value: ({ requests }) => requests, text: rate, together: 'largest' },
  { name: 'connections', value: ({ connections }) => connections, text: count, together: 'largest' },
  { name: 'memory (PSS)', value: ({ memory }) => memory, text: mebibytes, together: 'largest' },
  { name: 'loop delay', value: ({ loopDelay }) => loopDelay, text: milliseconds, together: 'largest' },
  { name: 'workers forked', value: ({ forked }) => forked, text: count, together: 'sum' },
];

const MARKS: Readonly<Record<MarkType, string>> = {
  died: 'a process died',
  'reload begins': 'a reload began',
  reloaded: 'a reload is done',
  'reload failed': 'a reload failed',
};

/** The last minutes as plots, with what happened, and the same as text. */
export function Plots({ history }: { readonly history: History }) {
  const { points, interval } = history;
  const marks = marksOf(points);
  return (
    <section class="history" aria-label="the last 15 minutes">
      {points.length === 0 ? (
        <p>
          The plots of the last 15 minutes begin with the first numbers, after {Math.round(interval / 1000)} seconds.
        </p>
      ) : (
        <>
          <div class="plots">
            {SERIES.map((series) => (
              <Figure key={series.name} {...{ series, history, marks }} />
            ))}
          </div>
          <Legend marks={marks} />
          <Happened marks={marks} />
          <details>
            <summary>the last 15 minutes as a table</summary>
            <Table points={points} />
          </details>
        </>
      )}
    </section>
  );
}

interface FigureProps {
  readonly series: Series;
  readonly history: History;
  readonly marks: readonly Mark[];
}

function Figure({ series: { name, text, together, value }, history: { points, interval }, marks }: FigureProps) {
  const values = points.map((point): Value => ({ time: point.time, value: value(point) }));
  const most = largest(values);
  const scale = { ...edges(points, MIN_SPAN_MS, MAX_SPAN_MS), most };
  const last = newest(values);
  const now = last === null ? '–' : text(last);
  const sum = text(values.reduce((total, { value }) => total + (value ?? 0), 0));
  const [shown, about] = together === 'sum' ? [sum, `${sum} in all`] : [now, `${now} at last, at most ${text(most)}`];
  return (
    <figure>
      <figcaption>
        <span>{name}</span>
        <b>{shown}</b>
      </figcaption>
      <Plot
        scale={scale}
        path={together === 'sum' ? barPath(scale, values) : linePath(scale, values, MISSING * interval)}
        marks={marks}
        sentence={`${name} in the last 15 minutes: ${about}`}
      />
      <p class="axis" aria-hidden="true">
        <span>−{duration(scale.to - scale.from)}</span>
        <span>at most {text(most)}</span>
        <span>now</span>
      </p>
    </figure>
  );
}

interface PlotProps {
  readonly scale: Scale;
  readonly path: string;
  readonly marks: readonly Mark[];
  /** What there is to see, for those who do not see it. */
  readonly sentence: string;
}

function Plot({ scale, path, marks, sentence }: PlotProps) {
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={sentence}>
      <line class="base" x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
      {marks
        .filter(({ time }) => time >= scale.from && time <= scale.to)
        .map((mark, place) => (
          <line
            key={place}
            class={className(mark)}
            x1={xOf(scale, mark.time)}
            x2={xOf(scale, mark.time)}
            y1="0"
            y2={HEIGHT}
          >
            <title>{mark.text}</title>
          </line>
        ))}
      <path d={path} />
    </svg>
  );
}

interface MarksProps {
  readonly marks: readonly Mark[];
}

/** What the lines across the plots mean, as far as there are any. */
function Legend({ marks }: MarksProps) {
  const types = new Set(marks.map(({ type }) => type));
  if (types.size === 0) return null;
  return (
    <p class="legend" aria-hidden="true">
      {[...types].map((type) => (
        <span key={type}>
          <i class={className({ type })} /> {MARKS[type]}
        </span>
      ))}
    </p>
  );
}

/** Deaths and reloads, the newest first. */
function Happened({ marks }: MarksProps) {
  if (marks.length === 0) return <p>No process died, and nothing was reloaded.</p>;
  const listed = marks.slice(-LISTED).reverse();
  const older = marks.length - listed.length;
  return (
    <>
      <ol class="marks" aria-label="deaths and reloads, the newest first">
        {listed.map(({ time, text, type, count: times }, place) => (
          <li key={place} class={className({ type })}>
            <time>{clock(time)}</time> {text}
            {times > 1 && `, the last of ${times} within seconds`}
          </li>
        ))}
      </ol>
      {older > 0 && <p>and {older} older ones</p>}
    </>
  );
}

/** A row for each minute, the newest first. */
function Table({ points }: Pick<History, 'points'>) {
  const minutes = [...groupBy(points, ({ time }) => clock(time).slice(0, 5))].reverse();
  return (
    <table>
      <thead>
        <tr>
          <th>minute (UTC)</th>
          {SERIES.map(({ name, together }) => (
            <th key={name}>
              {name}
              {together === 'largest' && ', at most'}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {minutes.map(([minute, inIt]) => (
          <tr key={minute}>
            <td data-name="minute (UTC)">{minute}</td>
            {SERIES.map((series) => (
              <td key={series.name} data-name={series.name}>
                {together(series, inIt)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function together({ value, text, together }: Series, points: readonly HistoryPoint[]): string {
  const known = points.flatMap((point) => value(point) ?? []);
  if (known.length === 0) return '–';
  return text(together === 'sum' ? known.reduce((sum, each) => sum + each, 0) : Math.max(...known));
}

function clock(time: number): string {
  return new Date(time).toISOString().slice(11, 19);
}
