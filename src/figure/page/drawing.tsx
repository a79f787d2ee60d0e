import { useEffect, useRef, useState } from 'preact/hooks';
import type { Figure } from '../figure.js';
import type { Colours } from './colours.js';
import { type Ghost, useGhosts } from './ghosts.js';
import { type Box, type Card, type Chip, layoutOf, type Memo, portText } from './layout.js';
import { doing, type FigureWords, sentence, titleOf } from './words.js';

const MAX_WITH_LINES = 2;
/** How many holders of a description have room in its box. */
const MAX_HOLDERS = 3;

interface DrawingProps {
  readonly figure: Figure;
  readonly words: FigureWords;
  readonly colours: Colours;
}

/** The figure: processes, their descriptors, the descriptions that they share, the queue, and where each client is. */
export function Drawing({ figure, words, colours }: DrawingProps) {
  const [width, ref] = useWidth();
  const { memos, cards, chips, hidden, height } = layoutOf(figure, width);
  // Lines to more of them would cross one another: then each says who holds it.
  const drawn = memos.length > MAX_WITH_LINES ? [] : memos;
  const ghosts = useGhosts(cards, figure.time);
  return (
    <div class="drawing" ref={ref}>
      <svg aria-hidden="true" width={width} height={height} viewBox={`0 0 ${width} ${height}`}>
        {drawn.flatMap((memo) =>
          cards.flatMap(({ process, box, parent }) =>
            memo.holders.some(({ pid }) => pid === process.pid) ? (
              <path
                key={`${memo.key} ${process.pid}`}
                class={`line ${'listener' in memo.of ? doing(process, figure) : ''}`}
                d={lineTo(memo.box, box, parent)}
              />
            ) : (
              []
            ),
          ),
        )}
        {memos.map((memo) => (
          <MemoBox key={memo.key} memo={memo} words={words} named={drawn.length === 0} />
        ))}
        {ghosts.map((ghost) => (
          <GhostCard key={ghost.key} ghost={ghost} words={words} />
        ))}
        {cards.map((card) => (
          <CardBox key={`${card.process.pid} ${card.process.start}`} {...{ card, memos, figure, words }} />
        ))}
        {chips.map((chip) => (
          <ChipBox key={chip.address} chip={chip} colour={colours(chip.address)} />
        ))}
        {hidden.map(({ x, y, count }) => (
          <text key={`${x} ${y}`} x={x + 4} y={y + 17} class="small strong">
            {words.more(count)}
          </text>
        ))}
      </svg>
    </div>
  );
}

const at = ({ x, y }: { readonly x: number; readonly y: number }) => ({ transform: `translate(${x}px, ${y}px)` });

interface MemoProps {
  readonly memo: Memo;
  readonly words: FigureWords;
  /** Its holders are named, rather than counted. */
  readonly named: boolean;
}

function MemoBox({ memo: { box, holders, of }, words, named }: MemoProps) {
  const count = new Set(holders.map(({ pid }) => pid)).size;
  const names = holders.slice(0, MAX_HOLDERS).map(({ pid, fd }) => words.holder(pid, fd));
  const held = named ? names.join(', ') : words.shared(count);
  if ('file' in of) {
    const { path, access, offset } = of.file;
    return (
      <g class="memo" style={at(box)}>
        <rect width={box.width} height={box.height} rx="14" />
        <text x="14" y="24" class="small">
          {words.file}
        </text>
        <text x="14" y="49" class="big">
          {words.offset(offset)}
        </text>
        <text x="14" y="72" class="small">
          {held}
        </text>
        <line x1="14" x2={box.width - 14} y1="84" y2="84" />
        <text x="14" y="111" class="small">
          {path.slice(path.lastIndexOf('/') + 1)}, {access}
        </text>
      </g>
    );
  }
  const { address, proof, queued, backlog, waiting } = of.listener;
  const queue = words.queue(queued, backlog);
  return (
    <g class="memo" style={at(box)}>
      <rect width={box.width} height={box.height} rx="14" />
      <text x="14" y="24" class="small">
        {words.memo}
      </text>
      <text x="14" y="49" class="big">
        {words.listens} {address}
      </text>
      <text x="14" y="72" class="small">
        {held}
        {!named && proof && ` · ${words.proof[proof]}`}
      </text>
      <line x1="14" x2={box.width - 14} y1="84" y2="84" />
      <text
        {...(waiting.length === 0 ? { x: 14, y: 111 } : { x: box.width - 14, y: 24 })}
        class={waiting.length === 0 ? 'small' : 'small end strong'}
      >
        {queue}
      </text>
    </g>
  );
}

interface CardProps {
  readonly card: Card;
  readonly memos: readonly Memo[];
  readonly figure: Figure;
  readonly words: FigureWords;
}

function CardBox({ card: { process, box }, memos, figure, words }: CardProps) {
  const fds = memos.flatMap(({ holders }) => holders.filter(({ pid }) => pid === process.pid).map(({ fd }) => fd));
  const title = titleOf(process, figure, words);
  // Where there is no room beside the title, below the first line of the sentence.
  const isBeside = 34 + widthOf(title) * BIG + fds.length * 50 < box.width;
  const place = (index: number) =>
    isBeside ? { x: box.width - 52 - index * 50, y: 10 } : { x: 14 + index * 50, y: 64 };
  const most = Math.floor((box.width - 20) / 50);
  return (
    <g class={`card ${doing(process, figure)}`} style={at(box)}>
      <rect width={box.width} height={box.height} rx="14" />
      <circle cx="20" cy="23" r="6" />
      <text x="34" y="28" class="big">
        {title}
      </text>
      <Lines text={sentence(process, figure, words)} width={box.width} most={isBeside ? 2 : 1} />
      {fds.slice(0, most).map((fd, index) => (
        <g key={fd} class="fd" style={at(place(index))}>
          <rect width="42" height="22" rx="6" />
          <text x="21" y="15">
            fd {fd}
          </text>
        </g>
      ))}
    </g>
  );
}

/** A process that has ended fades where it stood. */
function GhostCard({ ghost: { box, title }, words }: { readonly ghost: Ghost; readonly words: FigureWords }) {
  return (
    <g class="ghost" style={at(box)}>
      <rect width={box.width} height={box.height} rx="14" />
      <text x="34" y="28" class="big">
        {title}
      </text>
      <Lines text={words.died} width={box.width} most={1} />
    </g>
  );
}

function ChipBox({ chip: { address, queued, memo, ...place }, colour }: { readonly chip: Chip; colour: number }) {
  const { x, y, width } = memo?.box ?? { ...place, width: 100 };
  return (
    <g
      class={`chip c${colour}${queued ? ' queued' : ''}`}
      style={{
        ...at(place),
        '--from': `translate(${x + width / 2 - 38}px, -30px)`,
        '--queue': `translate(${x + 12}px, ${y + 94}px)`,
      }}
    >
      <rect width="76" height="24" rx="12" />
      <circle cx="13" cy="12" r="4" />
      <text x="24" y="16.5">
        {portText(address)}
      </text>
    </g>
  );
}

function lineTo(memo: Box, box: Box, parent: boolean): string {
  if (parent && memo.y < box.y + box.height && memo.x > box.x + box.width) {
    const start = box.y + box.height / 2;
    const end = Math.min(Math.max(start, memo.y + 20), memo.y + memo.height - 20);
    return `M ${box.x + box.width} ${start} H ${memo.x - 24} V ${end} H ${memo.x}`;
  }
  const x = box.x + box.width / 2;
  if (parent) return `M ${x} ${box.y + box.height} V ${memo.y}`;
  const from = memo.y + memo.height;
  const at = Math.min(Math.max(x, memo.x + 30), memo.x + memo.width - 30);
  const middle = from + Math.min(40, (box.y - from) / 2);
  return `M ${x} ${box.y} C ${x} ${middle}, ${at} ${middle}, ${at} ${from}`;
}

const WIDE_LETTER = /[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]/;

/** A title's letters are wider than a sentence's. */
const BIG = 1.28;

function widthOf(text: string): number {
  return [...text].reduce((width, letter) => width + (WIDE_LETTER.test(letter) ? 12.6 : 6.7), 0);
}

/** SVG text does not wrap: two lines at most, by how wide letters are. */
function Lines({ text, width, most }: { readonly text: string; readonly width: number; readonly most: 1 | 2 }) {
  const [first, rest] = split(text, width - (most === 1 ? 36 : 28));
  const [second, more] = split(rest, width - 34);
  return (
    <text x="14" y="52" class="small">
      {first}
      {most === 1 && rest !== '' && '…'}
      {most === 2 && second !== '' && (
        <tspan x="14" dy="18">
          {second}
          {more !== '' && '…'}
        </tspan>
      )}
    </text>
  );
}

/** As much as has room, at a space where there is one, and what is left. */
function split(text: string, width: number): [string, string] {
  let used = 0;
  const room = [...text].findIndex((letter) => {
    used += WIDE_LETTER.test(letter) ? 12.6 : 6.7;
    return used > width;
  });
  if (room < 0) return [text, ''];
  const space = text.lastIndexOf(' ', room);
  const end = space > 0 ? space : room;
  return [text.slice(0, end), text.slice(end).trim()];
}

function useWidth() {
  const ref = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(960);
  useEffect(() => {
    const element = ref.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [width, ref] as const;
}
