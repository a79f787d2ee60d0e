import type { Figure, FigureProcess, Language, Model } from '../figure.js';

const EN = {
  title: 'A prefork server, live',
  replay: 'Replay',
  memo: 'open file description',
  listens: 'listens on',
  queue: (queued: number, backlog: number | null) =>
    `queue: ${queued}${backlog === null ? '' : ` of ${backlog}`} waiting`,
  shared: (count: number) => (count === 1 ? 'one process holds it' : `${count} processes share it`),
  proof: { kcmp: 'proved by kcmp(2)', inode: 'by its inode only' },
  process: 'process',
  parent: 'parent',
  child: 'child',
  orphan: 'orphan',
  accepts: (fd: string) => `sleeps in accept4(${fd})`,
  reads: (fd: string, peer: string) => `waits in read(${fd}) for ${peer}`,
  waits: (call: string) => `in ${call}`,
  running: 'runs JavaScript',
  stopped: 'stopped (SIGSTOP)',
  zombie: 'zombie: has ended',
  died: 'died',
  unknown: 'sleeps; where may not be read',
  more: (count: number) => `+${count} more`,
  kill: 'kill -9',
  stop: 'SIGSTOP',
  cont: 'SIGCONT',
  orders: { SIGTTIN: 'One worker more', SIGTTOU: 'One fewer', SIGHUP: 'Reload' },
  start: 'Start the server again',
  gone: 'The server has ended.',
  lost: 'prefork view has ended; the page shows what it saw last.',
  notDone: (why: string) => `That could not be sent to prefork view: ${why}`,
  clients: 'Clients',
  connect: 'Connect a client',
  ten: 'Ten at once',
  silent: 'One that says nothing',
  slow: 'A byte a second',
  send: 'Send',
  exit: 'Say exit',
  hangUp: 'Hang up',
  reset: 'Reset',
  line: 'A line to send',
  connecting: 'connecting',
  inQueue: 'waits in the queue: nobody has accepted it',
  servedBy: (pid: number) => `served by ${pid}`,
  noClients: 'No client yet. Connect one and follow it: into the queue, then to exactly one child.',
  time: 'Time',
  pause: 'Pause',
  play: 'Play',
  now: 'Now',
  moment: 'The moment that is shown',
  lane: { accepting: 'accepts', serving: 'serves a client', other: 'else', stopped: 'stopped' },
  sentences: 'The figure in sentences',
  tries: 'Try it',
  done: 'done',
  prints: (text: string) => `in write(1): ${text}`,
  file: 'open file description of a file',
  offset: (bytes: number) => `offset ${bytes}`,
  holder: (pid: number, fd: number) => `fd ${fd} of ${pid}`,
  hungUp: 'the server has hung up',
  forget: 'Clear',
  scene: 'What is shown',
  server: 'The finished server',
  alone: (model: string) => `Alone: ${model}`,
  beside: (model: string) => `Beside it: ${model}`,
  models: {
    prefork: 'prefork: each child accepts, one client at a time',
    start: 'prefork start: an event loop in each forked worker',
    cluster: 'node:cluster: the primary accepts and hands out',
    'cluster-none': 'node:cluster, SCHED_NONE: the workers accept',
    'event-loop': 'one process with an event loop',
  } as Readonly<Record<Model, string>>,
  lessons: 'The lessons',
  lesson: (number: number, title: string) => `${number}. ${title}`,
  previous: 'Previous lesson',
  next: 'Next lesson',
  source: 'The program, with the lines where it is now',
  oneOf: 'one of these lines',
  terminal: 'What the program prints',
  paces: { line: 'Stop', slow: 'A line a second', run: 'Let it run' },
  nextLine: 'Next line',
  paused: 'Its terminal is stopped, as by Ctrl-S: the program waits at each line that it prints.',
  ended: (how: string) => `The program has ended: ${how}.`,
  again: 'Run it again',
};
export type Words = typeof EN;

const JA: Words = {
  title: '動いているpreforkサーバー',
  replay: '記録の再生',
  memo: 'オープンファイル記述',
  listens: '待ち受け',
  queue: (queued, backlog) => `待ち行列: ${queued}${backlog === null ? '' : ` / ${backlog}`}`,
  shared: (count) => (count === 1 ? '1個のプロセスが参照' : `${count}個のプロセスが共有`),
  proof: { kcmp: 'kcmp(2)で確認', inode: 'inodeだけで判断' },
  process: 'プロセス',
  parent: '親プロセス',
  child: '子プロセス',
  orphan: '孤児',
  accepts: (fd) => `accept4(${fd}) でブロック中`,
  reads: (fd, peer) => `read(${fd}) で ${peer} を待っています`,
  waits: (call) => `${call} の中`,
  running: 'JavaScriptを実行中',
  stopped: '停止中 (SIGSTOP)',
  zombie: 'ゾンビ(終了済み)',
  died: '死にました',
  unknown: 'スリープ中(場所は読めません)',
  more: (count) => `ほか ${count}`,
  kill: 'kill -9',
  stop: 'SIGSTOP',
  cont: 'SIGCONT',
  orders: { SIGTTIN: 'ワーカーを1つ増やす', SIGTTOU: '1つ減らす', SIGHUP: 'リロード' },
  start: 'サーバーをもう一度起動',
  gone: 'サーバーは終了しました。',
  lost: 'prefork view は終了しました。最後に見えたものを表示しています。',
  notDone: (why) => `prefork viewに送れませんでした: ${why}`,
  clients: 'クライアント',
  connect: 'クライアントをつなぐ',
  ten: '一度に10個',
  silent: '何も言わない',
  slow: '1秒に1バイト',
  send: '送る',
  exit: 'exitと言う',
  hangUp: '切る',
  reset: 'リセット',
  line: '送る行',
  connecting: '接続中',
  inQueue: '待ち行列の中: まだだれもacceptしていません',
  servedBy: (pid) => `${pid} が担当`,
  noClients: 'まだいません。つないで目で追ってみましょう。待ち行列に入り、ちょうど1つの子プロセスに届きます。',
  time: '時間',
  pause: '一時停止',
  play: '再生',
  now: '現在へ',
  moment: '表示している時点',
  lane: { accepting: 'accept中', serving: 'クライアントを担当', other: 'そのほか', stopped: '停止' },
  sentences: '図を文章で',
  tries: 'やってみよう',
  done: '済み',
  prints: (text) => `write(1) の中: ${text}`,
  file: 'ファイルのオープンファイル記述',
  offset: (bytes) => `オフセット ${bytes}`,
  holder: (pid, fd) => `${pid}のfd ${fd}`,
  hungUp: 'サーバーに切られました',
  forget: '片づける',
  scene: '表示するもの',
  server: '完成したサーバー',
  alone: (model) => `単独: ${model}`,
  beside: (model) => `並べて比較: ${model}`,
  models: {
    prefork: 'prefork: 子がそれぞれaccept、一度に1クライアント',
    start: 'prefork start: forkしたワーカーがそれぞれイベントループ',
    cluster: 'node:cluster: 親がacceptして配る',
    'cluster-none': 'node:cluster (SCHED_NONE): ワーカーがaccept',
    'event-loop': 'イベントループのプロセス1つ',
  },
  lessons: 'レッスン',
  lesson: (number, title) => `${number}. ${title}`,
  previous: '前のレッスン',
  next: '次のレッスン',
  source: 'プログラムと、いまいる行',
  oneOf: 'このうちのどれかの行',
  terminal: 'プログラムの出力',
  paces: { line: '止める', slow: '1秒に1行', run: 'そのまま動かす' },
  nextLine: '次の1行',
  paused: 'ターミナルがCtrl-Sのように止まっていて、プログラムは1行出力するごとに待ちます。',
  ended: (how) => `プログラムは終了しました: ${how}`,
  again: 'もう一度動かす',
};
export const WORDS: Readonly<Record<Language, Words>> = { en: EN, ja: JA };

export type Doing = 'accepting' | 'serving' | 'stopped' | 'other';

/** What a process does, as a colour. */
export function doing({ waitsIn, state, pid }: FigureProcess, figure: Figure): Doing {
  if (state === 'stopped' || state === 'zombie') return 'stopped';
  if (/^accept4?\(/.test(waitsIn ?? '')) return 'accepting';
  return figure.connections.some(({ holders }) => holders.some((holder) => holder.pid === pid)) ? 'serving' : 'other';
}

/** What a process does, in words. */
export function sentence({ waitsIn, state, pid, prints }: FigureProcess, figure: Figure, words: Words): string {
  if (state === 'stopped') return words.stopped;
  if (state === 'zombie') return words.zombie;
  if (prints !== undefined) return words.prints(prints.trim());
  if (waitsIn === null) return words.unknown;
  if (waitsIn === 'running' || state === 'running') return words.running;
  const [, call, fd = ''] = /^(\w+)\((\d+)\)$/.exec(waitsIn) ?? [];
  if (call?.startsWith('accept')) return words.accepts(fd);
  const connection = figure.connections.find(({ holders }) =>
    holders.some((h) => h.pid === pid && h.fd === Number(fd)),
  );
  if (call === 'read' && connection !== undefined) return words.reads(fd, connection.peer);
  return words.waits(waitsIn);
}

/** A process with children in the figure, or the first of all. */
export function isParent({ pid }: FigureProcess, { processes }: Figure): boolean {
  return processes[0]?.pid === pid || processes.some((other) => other.parent === pid);
}

function kindOf(process: FigureProcess, figure: Figure): 'process' | 'parent' | 'child' | 'orphan' {
  if (figure.processes.length === 1) return 'process';
  if (isParent(process, figure)) return 'parent';
  return figure.processes.some(({ pid }) => pid === process.parent) ? 'child' : 'orphan';
}

/** What Node calls its main thread, and so its process, by its version. */
const NODE = /^(node|MainThread)/;

/** 'child 123', 'nginx: worker process 123'. */
export function titleOf(process: FigureProcess, figure: Figure, words: Words): string {
  const kind = words[kindOf(process, figure)];
  const role = process.role ?? (NODE.test(process.name) ? kind : `${process.name}: ${kind}`);
  return `${role} ${process.pid}`;
}
