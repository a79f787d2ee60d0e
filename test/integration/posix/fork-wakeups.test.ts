import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect } from 'vitest';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT, startNode } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';

const headers = createRequire(import.meta.url)('node-api-headers').include_dir as string;

testWith('cc')(
  'threads that wake the event loop while it forks neither end the child nor stay unheard there',
  async () => {
    const folder = temporaryFolder();
    const addon = join(folder, 'waker.node');
    const source = join(ROOT, 'test/fixtures/native/waker.c');
    execFileSync('cc', ['-shared', '-fPIC', '-pthread', `-I${headers}`, '-o', addon, source]);
    const running = await startNode([join(ROOT, 'test/fixtures/native/woken.mjs'), addon]);
    expect(await running.closed).toEqual({ code: 0, signal: null });
    expect(running.text).toBe('[]\n');
  },
);
