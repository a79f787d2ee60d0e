import { doing } from '../../../figure/page/words.js';
import { childrenOf, count, hasEnded, type LessonPage, now, pidsOf, printed, seen } from './step.js';

const ALL_ACCEPT = {
  en: 'Three children sleep in accept, all on one open file description.',
  ja: '3つの子プロセスがみな、1つのオープンファイル記述のacceptでブロックしています。',
  isDone: seen((figure) => count(figure, 'accepting') >= 3 && figure.listeners.some((l) => pidsOf(l.holders) >= 4)),
};

/** Lessons 5 to 7: the way to a prefork server. */
export const MANY_PROCESSES: readonly LessonPage[] = [
  {
    en: [
      'One process serves one client. For more at a time there have to be more processes: fork makes them.',
      'fork returns twice. In the parent it returns the id of the child, and the parent goes on to make the next one; in ' +
        'the child it returns 0. Each child has copies of all descriptors, that of the listening socket, too.',
    ],
    ja: [
      'ひとつのプロセスはひとつのクライアントしか処理できません。そこで、forkで子プロセスを複数作ります。',
      'forkは2回返ります。親プロセスには子のpidが返り、親は次の子を作り続けます。子プロセスには0が返ります。' +
        '子は、待ち受けソケットも含めて、すべてのfdの複製を持っています。',
    ],
    steps: [
      {
        en: 'The first child has been forked: look at its descriptor.',
        ja: '最初の子がforkされています。そのfdを見てください。',
        isDone: seen(({ listeners }) => listeners.some(({ holders }) => pidsOf(holders) >= 2)),
      },
      {
        en: 'Press "Next line": a child that has said its line ends, and is a zombie until its parent waits for it.',
        ja: '「次の1行」を押してください。出力し終えた子は終了して、親がwaitするまでゾンビになります。',
        isDone: seen(({ processes }) => processes.some(({ state }) => state === 'zombie')),
      },
      {
        en: 'Go on until all three children have been forked.',
        ja: '3つの子がすべてforkされるまで続けてください。',
        isDone: (moment) => {
          const about = now(moment)?.processes.map(({ prints }) => prints ?? '') ?? [];
          const said = [moment.terminal?.text ?? '', ...about].join('');
          return new Set(said.match(/(?<=forked child process: )\d+/g)).size >= 3;
        },
      },
      {
        en: 'Go on: the parent has waited for all, and ends.',
        ja: '続けると、親が全部の子を待ち終えて終了します。',
        isDone: hasEnded,
      },
    ],
  },
  {
    en: [
      'Now the children accept. All of them wait on the same open file description, which they share by the fork.',
      'A client that connects is given to exactly one of them. Here, that child greets it and ends.',
    ],
    ja: [
      '子プロセスでacceptします。forkしたので、みな同じオープンファイル記述を共有して待っています。',
      '接続してきたクライアントを受け入れられるのは、たったひとつの子プロセスだけです。' +
        'ここでは、その子は簡単なメッセージを送って終わります。',
    ],
    steps: [
      ALL_ACCEPT,
      {
        en: 'Connect a client: one child greets it and ends, the others sleep on.',
        ja: 'クライアントをつなぐと、ひとつの子だけがメッセージを送って終わり、ほかはブロックしたままです。',
        isDone: (moment) =>
          printed(/accepted a client!/)(moment) && seen((figure) => count(figure, 'accepting') === 2)(moment),
      },
      {
        en: 'Connect two more: then the parent has no child to wait for, and ends.',
        ja: 'あとふたつつなぐと、親は待つ子がいなくなって終了します。',
        isDone: hasEnded,
      },
    ],
  },
  {
    en: [
      'The finished server: each child accepts a client, serves it until it goes, and accepts again.',
      'Processes are forked before (pre) the clients come: prefork. As many clients are served at a time as there are ' +
        'children; the next one waits in the queue of the listening socket.',
    ],
    ja: [
      '完成したサーバーです。子はそれぞれクライアントを受け入れ、いなくなるまで処理して、またacceptします。',
      '先に(pre)forkしておくのでpreforkといいます。同時に処理できるのは子の数だけで、その次のクライアントは' +
        '待ち受けソケットの待ち行列で待ちます。',
    ],
    steps: [
      ALL_ACCEPT,
      {
        en: 'Connect a client: exactly one child leaves accept.',
        ja: 'クライアントをつなぐと、ちょうどひとつの子がacceptを抜けます。',
        isDone: seen(({ connections }) => connections.length > 0 && connections.every((c) => c.holders.length === 1)),
      },
      {
        en: 'Connect three more: the fourth client waits. See the queue.',
        ja: 'あと3つつないでください。4つめは待たされます。待ち行列を見てください。',
        isDone: seen((figure) => figure.connections.length >= 3 && figure.listeners.some(({ queued }) => queued > 0)),
      },
      {
        en: 'Say exit in a client that is served: its child takes the one that waits.',
        ja: '処理中のクライアントでexitと言うと、その子が待っていたクライアントを受け入れます。',
        isDone: (moment) =>
          printed(/closed a connection!/)(moment) &&
          seen(({ listeners, connections }) => connections.length >= 3 && listeners.every((l) => l.queued === 0))(
            moment,
          ),
      },
      {
        en: 'Kill a child that serves: only its client is cut off.',
        ja: '処理中の子をkillしてみてください。切れるのはそのクライアントだけです。',
        isDone: (moment) =>
          printed(/SIGKILL/)(moment) &&
          seen((figure) => childrenOf(figure).some((child) => doing(child, figure) === 'serving'))(moment),
      },
    ],
  },
];
