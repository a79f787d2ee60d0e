// Keeps beside the programs of a service the code that this Node compiles them to. Where that does not succeed, as in a
// folder that is read-only, they are compiled each time.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const { saveCode } = createRequire(import.meta.url)('../dist/node/program.cjs');

for (const program of ['cli/start', 'app/zygote-main']) {
  saveCode(resolve(import.meta.dirname, `../dist/${program}.cjs`));
}
