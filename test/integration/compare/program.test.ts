import { expect, onTestFinished, test } from 'vitest';
import { Program } from '../../../src/compare/program.js';
import { isAlive } from '../../helpers/proc.js';

function node(code: string): Program {
  const program = new Program([process.execPath, '--input-type=module', '--eval', code]);
  onTestFinished(() => program.end());
  return program;
}

const SLEEPER = `spawn('sleep', ['1000'], { stdio: 'inherit' })`;

test('lines are read one after the other, those that came before they were asked for as well', async () => {
  const program = node(
    `console.log('one 1'); console.error('other'); console.log('two 2'); process.stdin.on('data', (said) => console.log(\`said \${said}\`))`,
  );
  expect((await program.line(/^two (\d)/))[1]).toBe('2');
  program.say('hello');
  expect((await program.line(/^said (.*)/))[1]).toBe('hello');
  expect(program.said).toEqual(expect.arrayContaining(['one 1', 'other']));
});

test('a program that ends before it has said so has failed with what it said', async () => {
  await expect(node(`throw new TypeError('no port')`).line(/ready/)).rejects.toThrow(
    'it has ended: TypeError: no port',
  );
  await expect(new Program(['/nowhere/program']).line(/ready/)).rejects.toThrow('ENOENT');
});

test('a program that is not ready in time is ended', async () => {
  const program = node(`setInterval(() => {}, 1000)`);
  await expect(program.ready(() => program.line(/ready/), 100)).rejects.toThrow('it was not ready after 0.1 s');
  expect(isAlive(program.pid)).toBe(false);
});

test('its end takes along what it has started, and what has outlived the process that started it', async () => {
  const orphan = `spawn(process.execPath, ['--eval', "require('child_process').spawn('sleep', ['1000'], { stdio: 'inherit', detached: true }).unref()"])`;
  const program = node(`import { spawn } from 'node:child_process';
    const { pid } = ${SLEEPER};
    ${orphan}.on('exit', () => console.log(pid));`);
  const [, child] = await program.line(/^(\d+)$/);
  const members = program.members();
  expect(members[0]).toBe(program.pid);
  expect(members).toContain(Number(child));
  expect(members).toHaveLength(3);
  await program.end();
  expect(members.filter(isAlive)).toEqual([]);
});

test('also where a child has nothing of its environment, and where the first process is gone', async () => {
  const bare = node(`import { spawn } from 'node:child_process';
    const { pid } = spawn('sleep', ['1000'], { stdio: 'inherit', env: {} });
    console.log(pid);`);
  const child = Number((await bare.line(/^(\d+)$/))[1]);
  await bare.end();
  expect(isAlive(child)).toBe(false);

  const gone = node(`import { spawn } from 'node:child_process'; console.log(${SLEEPER}.pid);`);
  const left = Number((await gone.line(/^(\d+)$/))[1]);
  process.kill(gone.pid, 'SIGKILL');
  await expect(gone.line(/never/)).rejects.toThrow('it has ended');
  expect(gone.members()).toEqual([left]);
  await gone.end();
  expect(isAlive(left)).toBe(false);
});
