import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  actByThemselves,
  joinOptions,
  requireFirst,
  splitOptions,
  withoutInspector,
  withoutModules,
} from '../../../src/node/flags.js';

const flags = (argv: readonly string[], options?: string) => ({ argv, options });

test.for([
  ['', []],
  ['  --a   --b=1 ', ['--a', '--b=1']],
  ['--require "./a b.cjs" -r "say \\"hi\\" \\\\"', ['--require', './a b.cjs', '-r', 'say "hi" \\']],
  ['--import="./my hooks.mjs" C:\\x', ['--import=./my hooks.mjs', 'C:\\x']],
] as const)('NODE_OPTIONS=%j is %j', ([text, parts]) => {
  expect(splitOptions(text)).toEqual(parts);
});

test('what is joined is read as it was', () => {
  const flag = fc.string({ minLength: 1 }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(flag), (list) => {
      expect(splitOptions(joinOptions(list))).toEqual(list);
    }),
  );
});

test('Node reads what is joined in the same way', () => {
  const condition = 'a b"c\\d';
  const env = { ...process.env, NODE_OPTIONS: joinOptions([`--title=${condition}`]) };
  expect(execFileSync(process.execPath, ['-p', 'process.title'], { env, encoding: 'utf8' })).toBe(`${condition}\n`);
});

test.for([
  ['-r', './a.cjs'],
  ['--require=./a.cjs'],
  ['--import', 'tsx'],
  ['--loader', './l.mjs'],
  ['--experimental_loader=./l.mjs'],
  ['--inspect'],
  ['--inspect-brk=9230'],
  ['--inspect-wait'],
  ['--cpu-prof'],
  ['--heapsnapshot-signal=SIGUSR2'],
])('%o act by themselves', (list) => {
  expect(actByThemselves(flags(list))).toBe(true);
  expect(actByThemselves(flags([], joinOptions(list)))).toBe(true);
});

test.for([
  [[], undefined],
  [['--no-warnings'], '--max-old-space-size=4096 --enable-source-maps'],
  [['--inspect-port=0', '--inspect-publish-uid=http', '--env-file=.env', '--conditions', 'dev'], ''],
] as const)('%o and %o do not', ([argv, options]) => {
  expect(actByThemselves(flags(argv, options))).toBe(false);
});

test('modules are taken out in the order in which Node has them', () => {
  const all = flags(['--import', 'tsx', '--no-warnings', '-r', './b.cjs'], '--require "./a a.cjs" --trace-warnings');
  expect(withoutModules(all)).toEqual([
    { argv: ['--no-warnings'], options: '--trace-warnings' },
    [
      { kind: 'require', module: './a a.cjs' },
      { kind: 'import', module: 'tsx' },
      { kind: 'require', module: './b.cjs' },
    ],
  ]);
  expect(withoutModules(flags([]))).toEqual([flags([]), []]);
});

test('what is required first comes before all that NODE_OPTIONS requires', () => {
  expect(requireFirst('/with space/first.cjs', flags(['-r', 'b'], '-r a'))).toEqual(
    flags(['-r', 'b'], '--require "/with space/first.cjs" -r a'),
  );
});

test("a debugger's port is taken out", () => {
  expect(withoutInspector(flags(['--inspect-brk=1', '-r', 'a'], '--inspect -r b'))).toEqual(flags(['-r', 'a'], '-r b'));
});
