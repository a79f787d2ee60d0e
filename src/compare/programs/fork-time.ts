// fork-time.js MEGABYTES [ADDON]: a Node of a size that is measured while it makes processes. For each line of its input,
// the name of a way, it makes one, and prints two times in ms: until the call has returned, and until the process is heard
// of. ADDON is bench/c-library-fork.c, compiled.
import { fork as forkModule, spawn } from 'node:child_process';
import cluster, { type Worker } from 'node:cluster';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

type Times = readonly [returned: number, heard: number];

// What child_process.fork and cluster.fork make: it loads nothing but this.
if (process.send) process.send('running');
else await measure(Number(process.argv[2]), process.argv[3]);

async function measure(megabytes: number, addon = ''): Promise<void> {
  // Objects of V8's heap, which is what a Node's memory consists of.
  const kept: unknown[] = [];
  while (process.memoryUsage.rss() < megabytes * 2 ** 20) {
    for (let i = 0; i < 10_000; i++) kept.push({ i, text: `${i}`, next: [i] });
  }
  const ways: Readonly<Record<string, () => Times | Promise<Times>>> = {
    prefork: await byFork(),
    'cluster.fork': () => byModule(() => cluster.fork(), 'online'),
    'child_process.fork': () => byModule(() => forkModule(fileURLToPath(import.meta.url)), 'message'),
    'child_process.spawn': bySpawn,
    ...(addon === '' ? {} : { "the C library's fork": byLibrary(addon) }),
  };
  console.log('ready');
  for await (const way of createInterface({ input: process.stdin })) {
    const make = ways[way];
    if (make === undefined) throw new Error(`there is no way '${way}'`);
    console.log((await make()).join(' '));
  }
}

async function byFork(): Promise<() => Times> {
  const { _exit, close, fork, pipe, read, waitpid, write } = await import('../../posix/index.js');
  return () => {
    const [ours, theirs] = pipe();
    const start = performance.now();
    const pid = fork();
    if (pid === 0) {
      write(theirs, 'x');
      _exit();
    }
    const returned = performance.now();
    read(ours, 1);
    const heard = performance.now();
    waitpid(pid);
    close(ours);
    close(theirs);
    return [returned - start, heard - start];
  };
}

async function byModule(make: () => Worker | ReturnType<typeof forkModule>, event: string): Promise<Times> {
  const start = performance.now();
  const made = make();
  const returned = performance.now();
  await once(made, event);
  const heard = performance.now();
  const child = 'process' in made ? made.process : made;
  child.kill('SIGKILL');
  await once(made, 'exit');
  return [returned - start, heard - start];
}

/** How much the forks before have slowed it: libuv makes every process with the C library's fork. */
async function bySpawn(): Promise<Times> {
  const start = performance.now();
  const child = spawn('true');
  const returned = performance.now();
  await once(child, 'exit');
  return [returned - start, performance.now() - start];
}

function byLibrary(addon: string): () => Times {
  const { forkOnce } = createRequire(import.meta.url)(addon);
  return () => forkOnce().map((microseconds: number) => microseconds / 1000);
}
