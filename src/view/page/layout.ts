import type { Figure, FigureProcess } from '../figure.js';
import { isParent } from './words.js';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Layout {
  readonly height: number;
  readonly memo: Box;
  readonly cards: readonly { readonly process: FigureProcess; readonly box: Box; readonly parent: boolean }[];
  /** Of each client by its address: where it stands. */
  readonly chips: readonly {
    readonly address: string;
    readonly x: number;
    readonly y: number;
    readonly queued: boolean;
  }[];
  /** How many clients of a place are not drawn. */
  readonly hidden: readonly { readonly x: number; readonly y: number; readonly count: number }[];
}

const GAP = 16;
const CARD = { width: 190, height: 128 };
const MEMO_HEIGHT = 132;
const CHIP = { width: 76, height: 24 };

/** Where everything stands, in CSS pixels; only sums, so that it can be done for each frame. */
export function layoutOf(figure: Figure, width: number): Layout {
  const wide = width >= 640;
  const parents = figure.processes.filter((process) => isParent(process, figure));
  const children = figure.processes.filter((process) => !isParent(process, figure));
  const parentWidth = wide ? 220 : width;
  const memo = wide
    ? { x: parentWidth + 56, y: 8, width: width - parentWidth - 56, height: MEMO_HEIGHT }
    : { x: 0, y: parents.length * (CARD.height + GAP) + 24, width, height: MEMO_HEIGHT };
  const cards: Layout['cards'][number][] = parents.map((process, index) => ({
    process,
    parent: true,
    box: { x: 0, y: 8 + index * (CARD.height + GAP), width: parentWidth, height: CARD.height },
  }));
  const columns = Math.max(1, Math.min(children.length, Math.floor((width + GAP) / (CARD.width + GAP))));
  const cardWidth = Math.min(300, (width - (columns - 1) * GAP) / columns);
  const left = (width - columns * cardWidth - (columns - 1) * GAP) / 2;
  const top = Math.max(memo.y + memo.height, ...cards.map(({ box }) => box.y + box.height)) + 64;
  for (const [index, process] of children.entries()) {
    const [row, column] = [Math.floor(index / columns), index % columns];
    const x = left + column * (cardWidth + GAP);
    const y = top + row * (CARD.height + GAP * 2);
    cards.push({ process, parent: false, box: { x, y, width: cardWidth, height: CARD.height } });
  }
  const chips: Layout['chips'][number][] = [];
  const hidden: Layout['hidden'][number][] = [];
  const place = (addresses: readonly string[], { x, y, width }: Box, offset: number, rows: number, queued: boolean) => {
    const across = Math.max(1, Math.floor((width - 24) / (CHIP.width + 6)));
    const room = across * rows;
    const shown = addresses.length > room ? room - 1 : addresses.length;
    const at = (index: number) => ({
      x: x + 12 + (index % across) * (CHIP.width + 6),
      y: y + offset + Math.floor(index / across) * (CHIP.height + 4),
    });
    for (const [index, address] of addresses.slice(0, shown).entries()) chips.push({ address, queued, ...at(index) });
    if (shown < addresses.length) hidden.push({ ...at(shown), count: addresses.length - shown });
  };
  place(
    figure.listeners.flatMap(({ waiting }) => waiting),
    memo,
    94,
    1,
    true,
  );
  for (const { process, box } of cards) {
    const served = figure.connections.filter(({ holders: [first] }) => first?.pid === process.pid);
    place(
      served.map(({ peer }) => peer),
      box,
      92,
      1,
      false,
    );
  }
  return {
    height: Math.max(...cards.map(({ box }) => box.y + box.height), memo.y + memo.height) + 8,
    memo,
    cards,
    chips,
    hidden,
  };
}

/** From 0 to 7: which of the colours a client has, everywhere and for as long as it lives. */
export function colorOf(address: string): number {
  // Ports of one moment differ by small even steps: multiplying by the golden ratio spreads them.
  return Math.imul(Number(address.slice(address.lastIndexOf(':') + 1)), 0x9e3779b1) >>> 29;
}

export function portText(address: string): string {
  return address.slice(address.lastIndexOf(':'));
}
