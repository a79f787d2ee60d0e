import { unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import {
  close,
  exit,
  fork,
  getpid,
  kcmp,
  LineReader,
  listen,
  open,
  pipe,
  read,
  waitpid,
  writeAll,
} from '../../posix/index.js';
import { endWithParent, portOf, puts, readText, type Setting, type Text } from './lesson.js';

export const title: Text = {
  en: 'fork copies the descriptor and shares the open file description',
  ja: 'forkするとfdは複製されるけど、オープンファイル記述は共有される',
};

const LINES = 4;
const LENGTH = 'line N\n'.length;

type Say = Setting['say'];

export function run({ port, say }: Setting): void {
  const listening = listen({ port });
  const path = createFile();

  say({ en: 'a file opened before the fork:', ja: 'forkする前にopenしたファイル:' });
  const file = open(path);
  readInBoth(() => file, say);
  say({
    en: 'one offset, so each line is read by one of them only',
    ja: 'オフセットはひとつなので、どの行も片方でしか読めません',
  });

  say({ en: 'the same file opened after the fork, by each:', ja: 'forkしたあとに、それぞれでopenした同じファイル:' });
  readInBoth(() => open(path), say);
  say({ en: 'two offsets, so both read every line', ja: 'オフセットはふたつなので、どちらでも全部の行が読めます' });

  const listensOn = portOf(listening.address);
  say({
    en: `a socket that listens on port ${listensOn}, opened before the fork:`,
    ja: `forkする前に開いた、${listensOn} portの待ち受けソケット:`,
  });
  compareListeners(() => listening.fd, say);
  close(listening.fd);

  say({
    en: 'listening sockets opened after the fork, by each:',
    ja: 'forkしたあとに、それぞれで開いた待ち受けソケット:',
  });
  compareListeners(() => listenApart(listensOn, say), say);
}

function readInBoth(openFile: () => number, say: Say): void {
  const child = forkChild(openFile, (fd) => readLine(`Child ${getpid()}`, fd));
  const fd = openFile();
  for (let n = 0; n < LINES; n++) {
    readLine(`Parent ${getpid()}`, fd);
    // Now that only the parent has read: where does that leave the child?
    if (n === 0) compare(fd, child, 'pos', say);
    child.work();
  }
  child.end();
}

/** One line by one read(2): a LineReader reads ahead, and would take all the lines for its process. */
function readLine(who: string, fd: number): void {
  const line = read(fd, LENGTH);
  if (line.length > 0) puts(`${who} read: ${line.toString().trimEnd()}`);
}

function compareListeners(openListener: () => number, say: Say): void {
  const child = forkChild(openListener, () => {});
  compare(openListener(), child, 'ino', say);
  child.end();
}

/** Only the first to come gets the port: the reason why a prefork server opens it before the fork. */
function listenApart(port: number, say: Say): number {
  try {
    return listen({ port }).fd;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    say({
      en: `  process ${getpid()} cannot listen on port ${port}, too (${code}), and takes another`,
      ja: `  プロセス ${getpid()} は同じ ${port} portでは待ち受けられないので (${code})、べつのportにします`,
    });
    return listen({ port: 0 }).fd;
  }
}

/** Says what /proc/PID/fdinfo, proc(5), has for the parent's descriptor and the child's, and whether kcmp(2) finds them the same. */
function compare(fd: number, child: Child, field: 'pos' | 'ino', say: Say): void {
  for (const [pid, theirs] of [
    [getpid(), fd],
    [child.pid, child.fd],
  ] as const) {
    const path = `/proc/${pid}/fdinfo/${theirs}`;
    const value = new RegExp(`^${field}:\\s*(\\d+)`, 'm').exec(readText(path))?.[1] ?? '?';
    say({ en: `  ${path} has ${field}: ${value}`, ja: `  ${path} の ${field}: ${value}` });
  }
  const call = `kcmp(${getpid()}, ${child.pid}, KCMP_FILE, ${fd}, ${child.fd})`;
  try {
    const same = kcmp(getpid(), child.pid, fd, child.fd) === 0;
    say({
      en: `  ${call}: ${same ? 'one open file description' : 'two open file descriptions'}`,
      ja: `  ${call}: オープンファイル記述は${same ? 'ひとつ' : 'ふたつ'}`,
    });
  } catch (error) {
    // Docker's default seccomp profile forbids it; the rest of the lesson says the same without.
    const { code } = error as NodeJS.ErrnoException;
    say({
      en: `  ${call}: ${code}; in a container, allow it with --cap-add SYS_PTRACE`,
      ja: `  ${call}: ${code} 。コンテナでは --cap-add SYS_PTRACE で許可できます`,
    });
  }
}

interface Child {
  readonly pid: number;
  /** The descriptor that it opened, or inherited. */
  readonly fd: number;
  /** Has it do its work once, and waits until it has. */
  work(): void;
  end(): void;
}

/** A child that waits for its turn, so that the two processes do not race. */
function forkChild(openIt: () => number, work: (fd: number) => void): Child {
  const parent = getpid();
  const [asked, ask] = pipe();
  const [answers, answer] = pipe();
  const pid = fork();
  if (pid === 0) {
    endWithParent(parent);
    close(ask);
    close(answers);
    const fd = openIt();
    writeAll(answer, `${fd}\n`);
    while (read(asked, 1).length > 0) {
      work(fd);
      writeAll(answer, '\n');
    }
    exit();
  }
  close(asked);
  close(answer);
  const input = new LineReader(answers);
  return {
    pid,
    fd: Number(input.gets()),
    work() {
      writeAll(ask, '\n');
      input.gets();
    },
    end() {
      close(ask);
      close(answers);
      waitpid(pid);
    },
  };
}

/** A file of four lines, without a name (so nothing is left in the way): its path in /proc opens it anew each time. */
function createFile(): string {
  const path = `${tmpdir()}/prefork-lesson-${getpid()}.txt`;
  const fd = open(path, 'w');
  unlinkSync(path);
  for (let n = 1; n <= LINES; n++) writeAll(fd, `line ${n}\n`);
  return `/proc/${getpid()}/fd/${fd}`;
}
