import type { FigureFile } from '../../../figure/figure.js';
import { count, hasEnded, type LessonPage, pidsOf, printed, seen } from './step.js';

const isRead = ({ access }: FigureFile) => access === 'O_RDONLY';

/** Lessons 8 and 9: what the processes share, and what becomes of them. */
export const SHARING: readonly LessonPage[] = [
  {
    en: [
      'fork copies the descriptors, but the copies lead to the same open file description: the note that says how things stand.',
      'Of a file, that note has the offset. Opened before the fork, there is one note: each line is read by only one of ' +
        'the two. Opened after it, there are two. It is the same with listening sockets and their clients.',
    ],
    ja: [
      'forkするとfdは複製されますが、複製されたfdは同じオープンファイル記述、つまり「ファイルどうなってたっけメモ」を指します。',
      'ファイルのメモにはオフセットが書いてあります。forkする前にopenすればメモはひとつで、どの行も片方でしか読めません。' +
        'forkしたあとにopenすればふたつです。待ち受けソケットとクライアントでも同じことが起こります。',
    ],
    steps: [
      {
        en: 'Press "Next line": two processes hold one note of the file, and its offset moves.',
        ja: '「次の1行」を押してください。ふたつのプロセスがひとつのメモを共有し、オフセットが進みます。',
        isDone: seen(({ files }) =>
          files.some((file) => isRead(file) && pidsOf(file.holders) === 2 && file.offset > 0),
        ),
      },
      {
        en: 'Go on (or let it run slowly): the same file, opened by each, has two notes with an offset each.',
        ja: '続けると(「1秒に1行」でも)、同じファイルをそれぞれが開いて、メモもオフセットもふたつになります。',
        isDone: seen(({ files }) => {
          const alone = files.filter((file) => isRead(file) && pidsOf(file.holders) === 1);
          return new Set(alone.map(({ holders: [first] }) => first?.pid)).size >= 2;
        }),
      },
      {
        en: 'Go on: a listening socket that was opened before the fork is one note, too.',
        ja: '続けると、forkする前に開いた待ち受けソケットも、メモはひとつです。',
        isDone: (moment) =>
          printed(/ino: \d+/)(moment) &&
          seen(({ listeners }) => listeners.some(({ holders }) => pidsOf(holders) === 2))(moment),
      },
      {
        en: 'Go on: opened after the fork there are two, and only one of them gets the port.',
        ja: '続けると、forkしたあとに開いたものはふたつあり、そのportをもらえるのは片方だけです。',
        isDone: seen(({ listeners }) => listeners.length >= 2),
      },
    ],
  },
  {
    en: [
      'What if the parent dies first? Its children live on, are given another parent, and go on accepting: they hold the ' +
        'descriptor themselves.',
      'With prctl(PR_SET_PDEATHSIG), a child asks the kernel for a signal when its parent dies. The program shows both, ' +
        'and is a client itself.',
    ],
    ja: [
      '親が先に死んだらどうなるでしょう。子は別の親にひきとられて、acceptしつづけます。fdは自分で持っているからです。',
      'prctl(PR_SET_PDEATHSIG) を呼んでおくと、親が死んだときにカーネルがシグナルを送ってくれます。' +
        'プログラムは両方を、自分でクライアントになって見せます。',
    ],
    steps: [
      {
        en: 'Press "A line a second" until three children accept.',
        ja: '3つの子がacceptするまで「1秒に1行」で進めてください。',
        isDone: seen((figure) => count(figure, 'accepting') >= 3),
      },
      {
        en: 'The parent is killed: in the figure its children are orphans, and they go on accepting.',
        ja: '親がkillされます。子は孤児になり、それでもacceptしています。',
        isDone: seen((figure) => {
          const [, ...others] = figure.processes;
          const orphans = others.filter(({ parent }) => !figure.processes.some(({ pid }) => pid === parent));
          return orphans.some(({ waitsIn }) => waitsIn?.startsWith('accept'));
        }),
      },
      {
        en: 'The second time, they die with it: a client cannot connect any more.',
        ja: '2回めは子もいっしょに死にます。クライアントはもう接続できません。',
        isDone: printed(/ECONNREFUSED/),
      },
      { en: 'Nobody is left.', ja: 'だれも残っていません。', isDone: hasEnded },
    ],
  },
];
