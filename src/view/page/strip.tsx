import type { Figure } from '../figure.js';
import { colorOf } from './layout.js';
import { doing, type Words } from './words.js';

/** Milliseconds that the strip is wide. */
const SPAN = 60_000;

interface Lane {
  readonly pid: number;
  readonly spans: { readonly from: number; to: number; readonly kind: string }[];
}

/** A lane for each process: what it did when, up to the moment that is shown. */
export function Strip({ frames, at, words }: { frames: readonly Figure[]; at: number; words: Words }) {
  const shown = frames[at];
  if (shown === undefined) return null;
  const end = shown.time;
  const lanes = lanesOf(frames.slice(0, at + 1), end - SPAN, end);
  return (
    <div class="strip">
      {lanes.map(({ pid, spans }) => (
        <div class="lane" key={pid}>
          <span class="pid">{pid}</span>
          <svg viewBox={`0 0 ${SPAN} 10`} preserveAspectRatio="none" aria-hidden="true">
            {spans.map(({ from, to, kind }) => (
              <rect key={from} class={kind} x={from - end + SPAN} width={Math.max(to - from, 100)} height="10" />
            ))}
          </svg>
        </div>
      ))}
      <p class="legend">
        {(['accepting', 'serving', 'other', 'stopped'] as const).map((kind) => (
          <span key={kind} class={kind}>
            {words.lane[kind]}
          </span>
        ))}
        <span class="span">−60 s … 0</span>
      </p>
    </div>
  );
}

function lanesOf(frames: readonly Figure[], start: number, end: number): Lane[] {
  const lanes = new Map<string, Lane>();
  const first = frames.findLastIndex(({ time }) => time <= start);
  for (let index = Math.max(first, 0); index < frames.length; index++) {
    const figure = frames[index] as Figure;
    const from = Math.max(figure.time, start);
    const to = frames[index + 1]?.time ?? end;
    for (const process of figure.processes) {
      const key = `${process.pid} ${process.start}`;
      const lane = lanes.get(key) ?? { pid: process.pid, spans: [] };
      lanes.set(key, lane);
      const kind = kindOf(process.pid, figure);
      const last = lane.spans.at(-1);
      if (last?.kind === kind && last.to >= from) last.to = to;
      else lane.spans.push({ from, to, kind });
    }
  }
  return [...lanes.values()].slice(-40);
}

function kindOf(pid: number, figure: Figure): string {
  const process = figure.processes.find((other) => other.pid === pid);
  const kind = process === undefined ? 'other' : doing(process, figure);
  const connection = figure.connections.find(({ holders: [first] }) => first?.pid === pid);
  return kind === 'serving' && connection !== undefined ? `serving c${colorOf(connection.peer)}` : kind;
}
