import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, start } from '../../helpers/process.js';
import { HAS_STRACE } from '../../helpers/strace.js';

const FIXTURE = join(ROOT, 'test/fixtures/fork/parent-dies.mjs');
/** Each descriptor that the child replaces takes so long, in microseconds, that its parent can be killed meanwhile. */
const SLOWLY = ['-f', '-qq', '-e', 'trace=dup3', '-e', 'inject=dup3:delay_enter=50000'];

test.runIf(HAS_STRACE)(
  'a child whose parent is killed before it has its own descriptors has a whole event loop',
  async () => {
    const running = await start('strace', [...SLOWLY, process.execPath, FIXTURE], { env: { UV_USE_IO_URING: '0' } });
    const [, parent] = await running.line(/^forking (\d+)/);
    await running.stderr.line(/dup3\(/);
    process.kill(Number(parent), 'SIGKILL');
    await running.line(/^the child has read$/);
    await running.line(/^the child has heard a signal$/);
    await running.closed;
    expect(running.stderr.text).toMatch(/killed by SIGKILL/);
  },
);
