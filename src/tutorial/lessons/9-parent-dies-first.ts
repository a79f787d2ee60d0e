import {
  _exit,
  type Address,
  accept,
  close,
  connect,
  fork,
  getpid,
  getppid,
  kill,
  LineReader,
  listen,
  pipe,
  setParentDeathSignal,
  socket,
  waitpid,
  writeAll,
} from '../../posix/index.js';
import { endWithParent, portOf, puts, readText, type Setting, type Text, waitall } from './lesson.js';

export const title: Text = { en: 'What if the parent dies first?', ja: '親が先に死んだらどうなるの' };

export const heeds = ['workers'] as const;

export function run(setting: Setting): void {
  killTheParent(setting, false);
  killTheParent(setting, true);
}

/** This process stands above the parent that dies, and so sees what becomes of the children. */
function killTheParent({ port, workers, say }: Setting, deathSignal: boolean): void {
  const above = getpid();
  const listening = listen({ port });
  const address: Address = { family: 'IPv4', address: '127.0.0.1', port: portOf(listening.address) };
  say(
    deathSignal
      ? { en: 'children that called prctl(PR_SET_PDEATHSIG)', ja: 'prctl(PR_SET_PDEATHSIG) を呼んでおいた子プロセス' }
      : { en: 'children as they were so far', ja: 'いままでどおりの子プロセス' },
  );
  say({ en: `they accept on port ${address.port}`, ja: `${address.port} portでacceptします` });
  const cleaner = startCleaner(listening.fd);
  // Each child writes a line when it is ready, and holds the pipe open for as long as it lives.
  const [lives, life] = pipe();

  const parent = fork();
  if (parent === 0) {
    endWithParent(above);
    close(lives);
    server(listening.fd, { workers, deathSignal, life, register: cleaner.register, say });
  }
  close(listening.fd);
  close(life);

  const children = new LineReader(lives);
  for (let n = 0; n < workers; n++) children.gets();
  for (let n = 0; n < workers; n++) visit(address, say);

  kill(parent, 'SIGKILL');
  waitpid(parent);
  say({ en: `killed the parent ${parent}`, ja: `親プロセス ${parent} をkillしました` });

  if (deathSignal) {
    while (children.gets() !== undefined); // End of file: the last of them has died.
    say({ en: 'its children have died with it', ja: '子プロセスもいっしょに死にました' });
    visit(address, say);
  } else {
    for (let n = 0; n < workers; n++) visit(address, say);
    say({
      en: 'they live on and accept, with another parent',
      ja: '子プロセスは別の親にひきとられて、acceptしつづけています',
    });
  }

  cleaner.clean();
  while (children.gets() !== undefined);
  close(lives);
}

interface Server {
  readonly workers: number;
  readonly deathSignal: boolean;
  readonly life: number;
  readonly register: number;
  readonly say: Setting['say'];
}

/** The server of the lessons before. */
function server(listening: number, { workers, deathSignal, life, register, say }: Server): never {
  const parent = getpid();
  for (let n = 0; n < workers; n++) {
    const pid = fork();
    if (pid !== 0) continue;

    writeAll(register, `${getpid()}\n`);
    close(register);
    if (deathSignal) {
      setParentDeathSignal('SIGTERM');
      // The parent may have died before the call, which then came too late.
      if (getppid() !== parent) _exit(1);
    }
    puts(`Child ${getpid()} accepting...`);
    writeAll(life, '\n');

    for (;;) {
      const client = accept(listening);
      writeAll(client.fd, `Hello from child ${getpid()}!\n${getppid()}\n`);
      close(client.fd);
    }
  }
  waitall(workers, say);
  _exit(0);
}

/** A client: prints what a child says, and whose child it is. */
function visit(address: Address, say: Setting['say']): void {
  const fd = socket();
  try {
    connect(fd, address);
    const input = new LineReader(fd);
    puts(input.gets()?.trimEnd() ?? '');
    const parent = input.gets()?.trimEnd() ?? '';
    const name = readText(`/proc/${parent}/comm`).trimEnd();
    say({ en: `its parent is process ${parent} (${name})`, ja: `その親はプロセス ${parent} (${name})` });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // The kernel closes a dead process's descriptors one by one: until it is the listening socket's turn, it resets.
    if (code === 'ECONNRESET') visit(address, say);
    else say({ en: `connecting fails: ${code}`, ja: `接続できません: ${code}` });
  } finally {
    close(fd);
  }
}

/**
 * Orphans are nobody's to wait for: a process of its own, so that nothing stays behind even when the lesson is killed,
 * kills those who registered, once nobody is left who could. Every child registers, so none escapes.
 */
function startCleaner(listening: number): { register: number; clean(): void } {
  const [registered, register] = pipe();
  const pid = fork();
  if (pid === 0) {
    close(listening);
    close(register);
    const input = new LineReader(registered);
    const orphans: number[] = [];
    for (let line = input.gets(); line !== undefined; line = input.gets()) orphans.push(Number(line));
    for (const orphan of orphans) killIfAlive(orphan);
    _exit(0);
  }
  close(registered);
  return {
    register,
    clean() {
      close(register);
      waitpid(pid);
    },
  };
}

function killIfAlive(pid: number): void {
  try {
    kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
