// A Node of a wanted size, `node-forks.mjs MEGABYTES ADDON`, that is measured while it makes children. For each line of
// standard input, the name of a way, it makes one and prints two times in microseconds: until the call has returned,
// and until the child has sent its first byte or message. ADDON is c-library-fork.c, compiled.
import { fork as forkModule, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { _exit, close, fork, pipe, read, waitpid, write } from 'prefork/posix';

// Objects of V8's heap, which is what a Node's memory consists of.
const kept = [];
while (process.memoryUsage.rss() < Number(process.argv[2]) << 20) {
  for (let i = 0; i < 10_000; i++) kept.push({ i, text: `${i}`, next: [i] });
}

const { forkOnce } = createRequire(import.meta.url)(process.argv[3]);
const now = () => Number(process.hrtime.bigint()) / 1e3;

const ways = {
  prefork() {
    const [readEnd, writeEnd] = pipe();
    const start = now();
    const pid = fork();
    if (pid === 0) {
      write(writeEnd, 'x');
      _exit(0);
    }
    const returned = now();
    read(readEnd, 1);
    const heard = now();
    waitpid(pid);
    close(readEnd);
    close(writeEnd);
    return [returned - start, heard - start];
  },
  "the C library's fork": forkOnce,
  async 'child_process.fork'() {
    const start = now();
    const child = forkModule(new URL('first-message.mjs', import.meta.url));
    const returned = now();
    await once(child, 'message');
    const heard = now();
    child.kill('SIGKILL');
    await once(child, 'exit');
    return [returned - start, heard - start];
  },
  // How much the forks before have slowed it: libuv makes every process with the C library's fork.
  async 'child_process.spawn'() {
    const start = now();
    const child = spawn('true');
    const returned = now();
    await once(child, 'exit');
    return [returned - start, now() - start];
  },
};

console.log('ready');
for await (const way of createInterface({ input: process.stdin })) console.log((await ways[way]()).join(' '));
