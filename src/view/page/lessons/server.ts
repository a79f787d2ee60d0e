import { doing } from '../../../figure/page/words.js';
import { childrenOf, count, type Step, seen } from './step.js';

/** As many looks back, a child may have served that has ended since: it may be a zombie in between. */
const RECENT = 10;

/** What to try with the finished server. */
export const SERVER_STEPS: readonly Step[] = [
  {
    en: 'All children sleep in accept, on one open file description.',
    ja: '子プロセスがみな、1つのオープンファイル記述のacceptでブロックしています。',
    isDone: seen((figure) => {
      const children = childrenOf(figure);
      return children.length > 0 && children.every((child) => doing(child, figure) === 'accepting');
    }),
  },
  {
    en: 'Connect a client: exactly one child gets it.',
    ja: 'クライアントをつなぐと、ちょうど1つの子プロセスが受け取ります。',
    isDone: seen(
      ({ connections }) => connections.length > 0 && connections.every(({ holders }) => holders.length === 1),
    ),
  },
  {
    en: 'Connect more clients than there are children: the rest wait in the queue.',
    ja: '子プロセスの数より多くつなぐと、残りは待ち行列で待ちます。',
    isDone: seen(
      (figure) =>
        figure.connections.length >= childrenOf(figure).length && figure.listeners.some(({ queued }) => queued > 0),
    ),
  },
  {
    en: 'Kill a child that serves: its client is cut off, a new child is forked.',
    ja: '担当中の子プロセスをkillすると、そのクライアントだけが切れ、新しい子がforkされます。',
    isDone: ({ frames }) => {
      const now = frames.at(-1)?.[0];
      if (now === undefined || count(now, 'serving') === 0) return false;
      const alive = new Set(now.processes.filter(({ state }) => state !== 'zombie').map(({ pid }) => pid));
      return frames.slice(-RECENT).some(([figure]) => {
        const served = figure?.processes.filter((process) => doing(process, figure) === 'serving') ?? [];
        return served.some(({ pid }) => !alive.has(pid));
      });
    },
  },
];
