import type { Figure, FigureProcess } from '../figure.js';

const EN = {
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
  prints: (text: string) => `in write(1): ${text}`,
  file: 'open file description of a file',
  offset: (bytes: number) => `offset ${bytes}`,
  holder: (pid: number, fd: number) => `fd ${fd} of ${pid}`,
};
export type FigureWords = typeof EN;

const JA: FigureWords = {
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
  prints: (text) => `write(1) の中: ${text}`,
  file: 'ファイルのオープンファイル記述',
  offset: (bytes) => `オフセット ${bytes}`,
  holder: (pid, fd) => `${pid}のfd ${fd}`,
};
export const FIGURE_WORDS = { en: EN, ja: JA };

export type Doing = 'accepting' | 'serving' | 'stopped' | 'other';

/** What a process does, as a colour. */
export function doing({ waitsIn, state, pid }: FigureProcess, figure: Figure): Doing {
  if (state === 'stopped' || state === 'zombie') return 'stopped';
  if (/^accept4?\(/.test(waitsIn ?? '')) return 'accepting';
  return figure.connections.some(({ holders }) => holders.some((holder) => holder.pid === pid)) ? 'serving' : 'other';
}

/** What a process does, in words. */
export function sentence({ waitsIn, state, pid, prints }: FigureProcess, figure: Figure, words: FigureWords): string {
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
export function titleOf(process: FigureProcess, figure: Figure, words: FigureWords): string {
  const kind = words[kindOf(process, figure)];
  const role = process.role ?? (NODE.test(process.name) ? kind : `${process.name}: ${kind}`);
  return `${role} ${process.pid}`;
}
