import { doing } from '../words.js';
import { childrenOf, count, type Step, seen } from './step.js';

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
      const [before, after] = [frames.at(-2)?.[0], frames.at(-1)?.[0]];
      if (before === undefined || after === undefined || count(after, 'serving') === 0) return false;
      const serving = before.processes.filter((process) => doing(process, before) === 'serving');
      return serving.some(({ pid }) => !after.processes.some((process) => process.pid === pid));
    },
  },
];
