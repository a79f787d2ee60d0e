import type { Figure } from '../../figure/figure.js';
import type { Colours } from '../../figure/page/colours.js';
import { doing } from '../../figure/page/words.js';
import { type Frame, timeOf } from './feed.js';
import type { Words } from './words.js';

/** Milliseconds that the strip is wide. */
const SPAN = 60_000;
const MAX_LANES = 40;

interface Lane {
  readonly key: string;
  readonly pid: number;
  readonly spans: { readonly from: number; to: number; readonly kind: string }[];
}

interface StripProps {
  readonly frames: readonly Frame[];
  readonly at: number;
  readonly words: Words;
  readonly colours: Colours;
}

/** A lane for each process: what it did when, up to the moment that is shown. */
export function Strip({ frames, at, words, colours }: StripProps) {
  const shown = frames[at];
  if (shown === undefined) return null;
  const end = timeOf(shown);
  const lanes = lanesOf(frames.slice(0, at + 1), end - SPAN, end, colours);
  return (
    <div class="strip">
      {lanes.map(({ key, pid, spans }) => (
        <div class="lane" key={key}>
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

function lanesOf(frames: readonly Frame[], start: number, end: number, colours: Colours): Lane[] {
  const lanes = new Map<string, Lane>();
  const first = frames.findLastIndex((frame) => timeOf(frame) <= start);
  for (let index = Math.max(first, 0); index < frames.length; index++) {
    const frame = frames[index] as Frame;
    const from = Math.max(timeOf(frame), start);
    const next = frames[index + 1];
    const to = next === undefined ? end : timeOf(next);
    for (const figure of frame) addTo(lanes, figure, from, to, colours);
  }
  return [...lanes.values()].slice(-MAX_LANES);
}

function addTo(lanes: Map<string, Lane>, figure: Figure, from: number, to: number, colours: Colours): void {
  const peers = new Map(figure.connections.map(({ holders: [first], peer }) => [first?.pid, peer]));
  for (const process of figure.processes) {
    const { pid, start } = process;
    const key = `${pid} ${start}`;
    const lane = lanes.get(key) ?? { key, pid, spans: [] };
    lanes.set(key, lane);
    const does = doing(process, figure);
    const peer = peers.get(pid);
    const kind = does === 'serving' && peer !== undefined ? `serving c${colours(peer)}` : does;
    const last = lane.spans.at(-1);
    if (last?.kind === kind && last.to >= from) last.to = to;
    else lane.spans.push({ from, to, kind });
  }
}
