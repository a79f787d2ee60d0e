// What a child of the stress run may do. Each work gives a value that the supervisor knows beforehand.
import crypto from 'node:crypto';
import dns from 'node:dns';
import { once } from 'node:events';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import v8 from 'node:v8';
import vm from 'node:vm';
import { Worker } from 'node:worker_threads';
import zlib from 'node:zlib';
import { sum, sums } from '../test/fixtures/fork/wasm-module.mjs';

v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc');

/** Per work: its sizes to draw from, what it does, and its right answer. */
export const works = {
  // A million objects are about 150 MB; each round drops those of the round before.
  allocate: {
    sizes: [100_000, 400_000, 1_000_000],
    run(size) {
      let kept = [];
      for (let round = 0; round < 3; round++) {
        kept = [];
        for (let i = 0; i < size; i++) kept.push({ i, text: `x${i}`, next: [i, i + 1] });
        gc();
      }
      return kept.reduce((total, { next }) => total + next[1], 0);
    },
    answer: (size) => (size * (size + 1)) / 2,
  },
  // New source each time, so that V8 has to compile and optimise it here.
  hotLoop: {
    sizes: [1e6, 2e7],
    run: (size) => {
      const hot = new Function('n', `let s = ${process.pid}; for (let i = 1; i <= n; i++) s += i & 1; return s;`);
      for (let i = 0; i < 100; i++) hot(1000);
      return hot(size) - process.pid;
    },
    answer: (size) => size / 2,
  },
  files: {
    sizes: [10, 40],
    async run(size) {
      const folder = await fs.promises.mkdtemp(join(tmpdir(), 'fork-stress-'));
      const paths = Array.from({ length: size }, (_, i) => join(folder, `${i}`));
      await Promise.all(paths.map((path, i) => fs.promises.writeFile(path, Buffer.alloc(50_000, i))));
      const blocks = await Promise.all(paths.map((path) => fs.promises.readFile(path)));
      await fs.promises.rm(folder, { recursive: true });
      return blocks.reduce((total, block) => total + block[49_999], 0);
    },
    answer: (size) => (size * (size - 1)) / 2,
  },
  compress: {
    sizes: [100_000, 2_000_000],
    async run(size) {
      const bytes = Buffer.alloc(size, 'compress me ');
      const back = await Promise.all(
        [zlib.gzip, zlib.deflate, zlib.gzip, zlib.gzip, zlib.gzip].map(async (squeeze) =>
          promisify(zlib.unzip)(await promisify(squeeze)(bytes)),
        ),
      );
      return back.filter((block) => block.equals(bytes)).length;
    },
    answer: () => 5,
  },
  encrypt: {
    sizes: [500, 5000],
    run: (size) =>
      Promise.all(Array.from({ length: 6 }, () => promisify(crypto.pbkdf2)('a', 'b', size, 8, 'sha256'))).then((keys) =>
        keys.map((key) => key.toString('hex')).join(),
      ),
    answer: (size) =>
      Array(6)
        .fill(crypto.pbkdf2Sync('a', 'b', size, 8, 'sha256').toString('hex'))
        .join(),
  },
  resolve: {
    sizes: [1, 6],
    run: (size) =>
      Promise.all(Array.from({ length: size }, () => dns.promises.lookup('localhost', { family: 4 }))).then(
        (found) => found.filter(({ address }) => address === '127.0.0.1').length,
      ),
    answer: (size) => size,
  },
  workers: {
    sizes: [1, 3],
    async run(size) {
      const code = `const kept = []; for (let i = 0; i < 100_000; i++) kept.push({ i });
        require('node:worker_threads').parentPort.postMessage(kept.length)`;
      const answers = await Promise.all(
        Array.from({ length: size }, async () => {
          const worker = new Worker(code, { eval: true });
          const [[answer]] = await Promise.all([once(worker, 'message'), once(worker, 'exit')]);
          return answer;
        }),
      );
      return answers.reduce((total, answer) => total + answer, 0);
    },
    answer: (size) => size * 100_000,
  },
  wasm: {
    sizes: [20, 600],
    async run(size) {
      const { instance } = await WebAssembly.instantiate(sums(size));
      for (let i = 0; i < 3; i++) instance.exports.f1(5_000_000);
      return new WebAssembly.Instance(new WebAssembly.Module(sums(4))).exports.f1(5_000_000) + instance.exports.f3(9);
    },
    answer: () => sum(5_000_000, 1) + sum(9, 3),
  },
};
