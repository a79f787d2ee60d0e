// fork-time.js MEGABYTES [MODULE]: a Node of a size that is measured while it makes processes. For each line of its input,
// the name of a way, it makes one, and prints two times in ms: until the call has returned, and until the process is heard
// of. MODULE exports further ways.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

type Times = readonly [returned: number, heard: number];

if (cluster.isPrimary) await measure(Number(process.argv[2]), process.argv[3]);

async function measure(megabytes: number, module = ''): Promise<void> {
  // Objects of V8's heap, which is what a Node's memory consists of.
  const kept: unknown[] = [];
  while (process.memoryUsage.rss() < megabytes * 2 ** 20) {
    for (let i = 0; i < 10_000; i++) kept.push({ i, text: `${i}`, next: [i] });
  }
  const ways: Readonly<Record<string, () => Times | Promise<Times>>> = {
    prefork: await byFork(),
    'cluster.fork': byCluster,
    ...(module === '' ? {} : await import(module)),
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

async function byCluster(): Promise<Times> {
  const start = performance.now();
  const worker = cluster.fork();
  const returned = performance.now();
  await once(worker, 'online');
  const heard = performance.now();
  worker.process.kill('SIGKILL');
  await once(worker, 'exit');
  return [returned - start, heard - start];
}
