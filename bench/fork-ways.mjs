// Further ways to make a process, for src/compare/programs/fork-time.ts. FORK_ADDON is c-library-fork.c, compiled.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// What child_process.fork makes: it loads nothing but this.
process.send?.('running');

async function byModule() {
  const start = performance.now();
  const child = fork(fileURLToPath(import.meta.url));
  const returned = performance.now();
  await once(child, 'message');
  const heard = performance.now();
  child.kill('SIGKILL');
  await once(child, 'exit');
  return [returned - start, heard - start];
}

/** How much the forks before have slowed it: libuv makes every process with the C library's fork. */
async function bySpawn() {
  const start = performance.now();
  const child = spawn('true');
  const returned = performance.now();
  await once(child, 'exit');
  return [returned - start, performance.now() - start];
}

function byLibrary() {
  const { forkOnce } = createRequire(import.meta.url)(process.env.FORK_ADDON);
  return forkOnce().map((microseconds) => microseconds / 1000);
}

export { byLibrary as "the C library's fork", byModule as 'child_process.fork', bySpawn as 'child_process.spawn' };
