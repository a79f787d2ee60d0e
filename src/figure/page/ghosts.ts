import { useEffect, useState } from 'preact/hooks';
import type { Box, Card } from './layout.js';

/** A process that has ended, where it stood last. */
export interface Ghost {
  readonly key: string;
  readonly title: string;
  readonly box: Box;
}

/** Milliseconds that it is seen; as long as its animation takes. */
const SEEN = 1500;
/** Milliseconds: two figures further apart are no look and the next one, but a jump in time. */
const JUMP = 5000;

/** Those that have ended between the figure before and this one, for a while. */
export function useGhosts(cards: readonly Card[], time: number): readonly Ghost[] {
  const [ghosts, setGhosts] = useState<readonly Ghost[]>([]);
  const [last, setLast] = useState({ cards, time });
  if (last.time !== time) {
    setLast({ cards, time });
    const stay = new Set(cards.map(keyOf));
    const gone = last.cards.filter((card) => !stay.has(keyOf(card)));
    const isNext = time > last.time && time < last.time + JUMP;
    if (isNext && gone.length > 0) {
      setGhosts([
        ...ghosts,
        ...gone.map((card) => ({ key: keyOf(card), title: `${card.process.pid}`, box: card.box })),
      ]);
    }
  }
  useEffect(() => {
    if (ghosts.length === 0) return;
    const timer = setTimeout(() => setGhosts([]), SEEN);
    return () => clearTimeout(timer);
  }, [ghosts]);
  return ghosts;
}

function keyOf({ process: { pid, start } }: Card): string {
  return `ended ${pid} ${start}`;
}
