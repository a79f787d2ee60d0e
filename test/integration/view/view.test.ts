import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { inspect } from '../../../dist/inspect/index.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { isAlive } from '../../helpers/proc.js';
import { testWith } from '../../helpers/programs.js';
import { count, PROGRAM, startView, ViewPage } from '../../helpers/view.js';

const view = new ViewPage();
const { page } = view;

/** For `npm run pictures`. */
async function takePicture(): Promise<void> {
  const file = process.env.PREFORK_PICTURE;
  if (file === undefined) return;
  await new Promise((resolve) => setTimeout(resolve, 15_000)); // So that the strip has something to show.
  writeFileSync(file, await page.screenshot());
}

testWith('chromium')('clients are drawn where inspect says that they are, and a killed child is replaced', async () => {
  const { stop } = await view.open();
  await page.until(`${count('.card.accepting')} === 3`);
  for (let n = 0; n < 5; n++) await view.click('Connect a client');
  await page.until(`${count('.chip.queued')} === 2 && ${count('.chip')} === 5 && ${count('tr.serving')} === 3`);
  const all = await view.pids();
  const [parent = 0, child = 0] = all;
  const seen = inspect([parent]);
  const queue = seen.descriptions.find(({ socket }) => socket?.state === 'LISTEN')?.socket;
  expect(queue?.queued).toBe(2);
  expect(seen.processes.slice(1).every(({ threads }) => threads[0]?.waitsIn?.startsWith('read('))).toBe(true);

  await takePicture();
  await view.say('hello');
  await page.until(`document.querySelector('.terminal pre').textContent === '> hello\\nhello\\n'`);
  await page.evaluate(`document.querySelector('tr[data-pid="${child}"] button').click()`);
  await page.until(`!document.querySelector('tr[data-pid="${child}"]') && ${count('tr.serving')} === 3`);
  await page.until(`${count('.tries .done')} === 4`);
  expect(await stop()).toBe(0);
  expect([...all].filter(isAlive)).toEqual([]);
});

testWith('chromium')('a child is stopped and goes on; without its parent the server is started again', async () => {
  await view.open();
  await page.until(`${count('.card.accepting')} === 3`);
  const [parent = 0, child = 0] = await view.pids();
  const second = `document.querySelector('tr[data-pid="${child}"] button:nth-of-type(2)')`;
  await page.evaluate(`${second}.click()`);
  await page.until(`${second}.textContent === 'SIGCONT'`);
  await page.evaluate(`${second}.click()`);
  await page.until(`${second}.textContent === 'SIGSTOP'`);
  await page.evaluate(`document.querySelector('tr[data-pid="${parent}"] button').click()`);
  await page.until("!!document.querySelector('.gone button')");
  await view.click('Start the server again');
  await page.until(`${count('.card.accepting')} === 3`);
});

testWith('chromium').each([
  [1200, 'light'],
  [768, 'dark'],
  [360, 'dark'],
] as const)('the page fits %i pixels in the %s, in Japanese too', async (width, scheme) => {
  await page.look(width, 900, scheme);
  await view.open();
  await page.until(`${count('.card.accepting')} === 3`);
  await view.click('Ten at once');
  await page.until(`${count('.terminal')} === 10`);
  expect(await view.fits()).toBe(true);
  await view.click('日本語');
  await page.until(
    "document.documentElement.lang === 'ja' && document.body.innerText.includes('オープンファイル記述')",
  );
  expect(await view.fits()).toBe(true);
});

testWith('chromium')('a recording is replayed', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'seen.json');
  const { stop } = await view.open('--record', file);
  await page.until(`${count('.card.accepting')} === 3`);
  await view.click('Connect a client');
  await page.until(`${count('tr.serving')} === 1`);
  await stop();
  await view.open(file);
  await page.until("!!document.querySelector('.badge')");
  await view.click('Play');
  await page.until(`${count('tr.serving')} === 1`);
});

test('a process that does not exist is reported', async () => {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'view', '999999999'], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([1, expect.stringContaining('there is no process 999999999')]);
});

test('another process may be looked at, but not acted on, and nothing is served without the token', async () => {
  const target = spawn(process.execPath, [
    '-e',
    "require('net').createServer().listen(0, '127.0.0.1'); console.log(1)",
  ]);
  onTestFinished(() => {
    target.kill();
  });
  await new Promise((resolve) => target.stdout.once('data', resolve));
  const { address } = await startView(`${target.pid}`);
  expect((await fetch(new URL('/', address))).status).toBe(404);
  const body = JSON.stringify({ act: 'SIGKILL', pid: target.pid, start: 1 });
  const answer = await fetch(`${address}act`, { method: 'POST', body });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('that it has started itself')]);
  expect(isAlive(target.pid as number)).toBe(true);
  const status = await new Promise((resolve, reject) => {
    const asked = request(address, { headers: { Host: 'elsewhere.example' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on('error', reject).end();
  });
  expect(status).toBe(421);
});
