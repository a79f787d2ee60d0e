import type { Figure, FigureFile, FigureListener, FigureProcess } from '../figure.js';
import { isParent } from './words.js';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An open file description: of a listening socket, or of a file. */
export interface Memo {
  readonly key: string;
  readonly box: Box;
  readonly holders: FigureListener['holders'];
  readonly of: { readonly listener: FigureListener } | { readonly file: FigureFile };
}

export interface Card {
  readonly process: FigureProcess;
  readonly box: Box;
  readonly parent: boolean;
}

export interface Chip {
  readonly address: string;
  readonly x: number;
  readonly y: number;
  /** It waits there, in the queue. */
  readonly queued: boolean;
  readonly memo: Memo | undefined;
}

export interface Layout {
  readonly height: number;
  readonly memos: readonly Memo[];
  readonly cards: readonly Card[];
  readonly chips: readonly Chip[];
  /** How many clients of a place are not drawn. */
  readonly hidden: readonly { readonly x: number; readonly y: number; readonly count: number }[];
}

const GAP = 16;
const CARD = { width: 190, height: 128 };
const MEMO = { width: 280, height: 132 };
const CHIP = { width: 76, height: 24 };
/** From here on, in CSS pixels, the parents stand beside the descriptions. */
const WIDE = 620;
const PARENT_WIDTH = 220;

/** Where everything stands, in CSS pixels; only sums, so that it can be done for each frame. */
export function layoutOf(figure: Figure, width: number): Layout {
  const parents = figure.processes.filter((process) => isParent(process, figure));
  const children = figure.processes.filter((process) => !isParent(process, figure));
  const wide = width >= WIDE;
  const parentBoxes = grid(parents.length, {
    ...{ x: 0, y: 8, width: wide ? PARENT_WIDTH : width },
    ...{ least: CARD.width, most: wide ? PARENT_WIDTH : 300, height: CARD.height, gap: GAP },
  });
  const described = [
    ...figure.listeners.map((listener) => ({ holders: listener.holders, of: { listener } })),
    ...figure.files.map((file) => ({ holders: file.holders, of: { file } })),
  ];
  const memoX = wide ? PARENT_WIDTH + 56 : 0;
  const memoBoxes = grid(described.length, {
    ...{ x: memoX, y: wide ? 8 : bottomOf(parentBoxes) + 24, width: width - memoX },
    ...{ least: Math.min(MEMO.width, width - memoX), most: Number.POSITIVE_INFINITY, height: MEMO.height, gap: GAP },
  });
  const memos = described.map(({ holders, of }, index) => {
    const [first] = holders;
    return { key: `${first?.pid} ${first?.fd}`, box: memoBoxes[index] as Box, holders, of };
  });
  const childBoxes = grid(children.length, {
    ...{ x: 0, y: bottomOf([...parentBoxes, ...memoBoxes]) + 64, width },
    ...{ least: CARD.width, most: 300, height: CARD.height, gap: GAP * 2 },
  });
  const cards = [
    ...parents.map((process, index) => ({ process, parent: true, box: parentBoxes[index] as Box })),
    ...children.map((process, index) => ({ process, parent: false, box: childBoxes[index] as Box })),
  ];
  return {
    height: bottomOf([...parentBoxes, ...memoBoxes, ...childBoxes]) + 8,
    memos,
    cards,
    ...clientsOf(figure, memos, cards),
  };
}

interface Grid {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  /** The least and greatest width of a box. */
  readonly least: number;
  readonly most: number;
  readonly height: number;
  /** Between rows. */
  readonly gap: number;
}

/** Boxes in rows, in the middle of the room that there is. */
function grid(count: number, { x, y, width, least, most, height, gap }: Grid): Box[] {
  const columns = Math.max(1, Math.min(count, Math.floor((width + GAP) / (least + GAP))));
  const each = Math.min(most, (width - (columns - 1) * GAP) / columns);
  const left = x + (width - columns * each - (columns - 1) * GAP) / 2;
  return Array.from({ length: count }, (_, index) => ({
    x: left + (index % columns) * (each + GAP),
    y: y + Math.floor(index / columns) * (height + gap),
    width: each,
    height,
  }));
}

function bottomOf(boxes: readonly Box[]): number {
  return Math.max(0, ...boxes.map(({ y, height }) => y + height));
}

/** Those that wait stand in the queue, the others at the first process that holds their connection. */
function clientsOf(figure: Figure, memos: readonly Memo[], cards: readonly Card[]): Pick<Layout, 'chips' | 'hidden'> {
  const chips: Chip[] = [];
  const hidden: Layout['hidden'][number][] = [];
  const place = (addresses: readonly string[], { x, y, width }: Box, queued: boolean, memo: Memo | undefined) => {
    const room = Math.max(1, Math.floor((width - 24) / (CHIP.width + 6)));
    const shown = addresses.length > room ? room - 1 : addresses.length;
    const at = (index: number) => ({ x: x + 12 + index * (CHIP.width + 6), y: y + 94 });
    for (const [index, address] of addresses.slice(0, shown).entries()) {
      chips.push({ address, queued, memo, ...at(index) });
    }
    if (shown < addresses.length) hidden.push({ ...at(shown), count: addresses.length - shown });
  };
  const ofAddress = new Map<string, Memo>();
  for (const memo of memos) {
    if (!('listener' in memo.of)) continue;
    const { waiting, address } = memo.of.listener;
    place(waiting, memo.box, true, memo);
    ofAddress.set(portText(address), memo);
  }
  for (const { process, box } of cards) {
    const served = figure.connections.filter(({ holders: [first] }) => first?.pid === process.pid);
    const [first] = served;
    const memo = first && ofAddress.get(portText(first.local));
    place(
      served.map(({ peer }) => peer),
      box,
      false,
      memo,
    );
  }
  return { chips, hidden };
}

export function portText(address: string): string {
  return address.slice(address.lastIndexOf(':'));
}
