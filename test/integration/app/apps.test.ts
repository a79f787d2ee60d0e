// The same app under node, node:cluster and prefork: its clients cannot tell one from the other.
import { test } from 'vitest';
import { expectSame } from '../../helpers/http-runtimes.js';
import { observe } from '../../helpers/http-suite.js';

const TYPES_ARE_STRIPPED = Boolean((process.features as { typescript?: unknown }).typescript);
const APPS = ['http.mjs', 'express.cjs', 'fastify.mjs', 'koa.cjs', 'awaiting.mjs'];

test.each(APPS)('%s gives the same bytes under node, node:cluster and prefork', sameBytes);

test.runIf(TYPES_ARE_STRIPPED)('typescript.ts gives the same bytes as well', () => sameBytes('typescript.ts'));

async function sameBytes(app: string): Promise<void> {
  await expectSame(app, {}, ({ target }) => observe(target));
}
