import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { close, createSharedMemory, mapSharedMemory, open } from '../../src/posix/index.js';
import { descriptorFlags } from '../helpers/proc.js';
import { ROOT, startNode } from '../helpers/process.js';
import { closing } from '../helpers/sockets.js';

const O_CLOEXEC = 0o2000000;

test('is zero, has its name and size, and is close-on-exec', () => {
  const fd = closing(createSharedMemory('scores', 10_000));
  expect(readlinkSync(`/proc/self/fd/${fd}`)).toBe('/memfd:scores (deleted)');
  expect(statSync(`/proc/self/fd/${fd}`).size).toBe(10_000);
  expect(descriptorFlags(fd) & O_CLOEXEC).toBe(O_CLOEXEC);
  const memory = mapSharedMemory(fd, 10_000);
  expect(memory.byteLength).toBe(10_000);
  expect(new Uint8Array(memory).every((byte) => byte === 0)).toBe(true);
});

test('two mappings are the same memory, and outlive the descriptor', () => {
  const fd = createSharedMemory('twice', 4096);
  const [one, other] = [mapSharedMemory(fd, 4096), mapSharedMemory(fd, 4096, true)];
  const file = closing(open(`/proc/self/fd/${fd}`));
  close(fd);
  new Float64Array(one)[1] = Math.PI;
  expect(new Float64Array(other)[1]).toBe(Math.PI);
  expect(readFileSync(file).readDoubleLE(8)).toBe(Math.PI);
});

test('what is only for reading is mapped only for reading', () => {
  const fd = closing(createSharedMemory('reading', 4096));
  const file = closing(open(`/proc/self/fd/${fd}`));
  expect(() => mapSharedMemory(file, 4096)).toThrow('mmap EACCES');
  expect(mapSharedMemory(file, 4096, true).byteLength).toBe(4096);
});

test('no more is mapped than the file has: an access beyond it would end the process', () => {
  const fd = closing(createSharedMemory('short', 4096));
  for (const size of [4097, 2 ** 33, Number.MAX_SAFE_INTEGER]) {
    expect(() => mapSharedMemory(fd, size)).toThrow(expect.objectContaining({ code: 'ENXIO', syscall: 'mmap' }));
  }
});

test('2 GiB are mapped, and no more: for 8 GiB Node 20 has no ArrayBuffer, and would not survive the attempt', () => {
  const fd = closing(createSharedMemory('large', 2 ** 33));
  const mapped = new Uint8Array(mapSharedMemory(fd, 2 ** 31));
  expect([mapped.length, mapped.at(-1)]).toEqual([2 ** 31, 0]);
  for (const size of [2 ** 31 + 1, 2 ** 33]) expect(() => mapSharedMemory(fd, size)).toThrow('mmap EOVERFLOW');
});

test('is unmapped when the last buffer is collected', async () => {
  const script = `
    import { readFileSync } from 'node:fs';
    import { setImmediate } from 'node:timers/promises';
    import { createSharedMemory, mapSharedMemory } from ${JSON.stringify(join(ROOT, 'dist/posix/index.js'))};
    const fd = createSharedMemory('collected', 4096);
    const mapped = () => readFileSync('/proc/self/maps', 'latin1').split('/memfd:collected').length - 1;
    (() => { for (let i = 0; i < 20; i++) mapSharedMemory(fd, 4096); })();
    console.log(mapped());
    while (mapped() > 0) { gc(); await setImmediate(); }
    console.log(mapped());`;
  const running = await startNode(['--expose-gc', '--input-type=module', '-e', script]);
  expect(await running.closed).toEqual({ code: 0, signal: null });
  expect(running.text).toBe('20\n0\n');
});
