import { expect } from 'vitest';
import { isAlive } from '../../helpers/proc.js';
import { startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { count, ViewPage } from '../../helpers/view.js';

const view = new ViewPage(1440);
const { page } = view;

const inPane = (pane: number, selector: string) => count(`.pane:nth-of-type(${pane}) ${selector}`);

testWith('chromium').each([
  // Who accepts can be told from who holds the listener: the primary of a cluster with SCHED_RR alone.
  ['cluster', 4, 'node:cluster: the primary accepts and hands out'],
  ['cluster-none', 4, 'node:cluster, SCHED_NONE: the workers accept'],
  ['event-loop', 1, 'one process with an event loop'],
] as const)('%s beside prefork: the same clients go to both', async (model, processes, title) => {
  const { stop } = await view.open('--beside', model);
  await page.until(`${inPane(1, '.card.accepting')} === 3 && ${inPane(2, '.card')} === ${processes}`);
  expect(await page.evaluate("document.querySelectorAll('.pane h2')[1].textContent")).toBe(title);
  for (let n = 1; n <= 5; n++) {
    await view.click('Connect a client');
    await page.until(`${inPane(1, '.chip')} === ${n}`);
  }
  // prefork has a queue, for its children serve one client each; an event loop serves them all.
  await page.until(`${inPane(1, '.chip.queued')} === 2 && ${inPane(2, '.chip.queued')} === 0`);
  await page.until(`${inPane(2, '.chip')} + ${inPane(2, '.strong')} >= 2`);
  await view.say('hello', 4);
  const ends = "[...document.querySelectorAll('.terminal:nth-of-type(5) pre')].map((pre) => pre.textContent)";
  await page.until(`${ends}[1] === '> hello\\nhello\\n'`);
  expect(await page.evaluate(`${ends}[0]`)).toBe('> hello\n');
  await view.shoot(`beside-${model}`);
  const all = await view.pids();
  expect(await stop()).toBe(0);
  expect(all.filter(isAlive)).toEqual([]);
});

testWith('chromium')('a killed child costs prefork one client, and the one process all of them', async () => {
  await view.open('--beside', 'event-loop');
  await page.until(`${inPane(1, '.card.accepting')} === 3 && ${inPane(2, '.card')} === 1`);
  for (let n = 1; n <= 2; n++) {
    await view.click('Connect a client');
    await page.until(`${inPane(1, '.chip')} === ${n} && ${inPane(2, '.chip')} === ${n}`);
  }
  const rows = (table: number) => `document.querySelectorAll('table')[${table}]`;
  await page.evaluate(`${rows(0)}.querySelector('tr.serving button').click()`);
  await page.until(`${inPane(1, '.chip')} === 1 && ${inPane(1, '.card')} === 4 && ${inPane(2, '.chip')} === 2`);
  await page.evaluate(`${rows(1)}.querySelector('tr[data-pid] button').click()`);
  await page.until(`${inPane(2, '.card')} === 0 && ${inPane(1, '.chip')} === 1`);
  await view.click('Start the server again');
  await page.until(`${inPane(2, '.card')} === 1`);
});

testWith('chromium')('prefork start: one worker more, one fewer, and a reload', async () => {
  await view.open('--beside', 'start');
  const titles = "[...document.querySelectorAll('table')[1].querySelectorAll('th')].map((th) => th.textContent)";
  const workers = `${titles}.filter((title) => title.startsWith('worker ')).length`;
  await page.until(`${workers} === 3 && ${titles}.some((title) => title.startsWith('zygote '))`);
  await view.click('One worker more');
  await page.until(`${workers} === 4`);
  await view.click('One fewer');
  await page.until(`${workers} === 3`);
  await view.shoot('beside-start');
  const zygote = `${titles}.find((title) => title.startsWith('zygote '))`;
  const before = await page.evaluate<string>(zygote);
  await view.click('Reload');
  await page.until(`${workers} === 3 && ${zygote} !== undefined && ${zygote} !== ${JSON.stringify(before)}`);
});

testWith('chromium')(
  'prefork echo --view shows the server that was asked for, and passes on what it prints',
  async () => {
    const server = await startPrefork(['echo', '--view', '--workers', '2', '--port', '0', '--host', '127.0.0.1']);
    const [, port] = await server.line(/^Listening on 127\.0\.0\.1:(\d+)/);
    const [, address = ''] = await server.line(/^prefork view: (.*)$/);
    await page.goto(address);
    await page.until(`${count('.card.accepting')} === 2 && document.body.innerText.includes('127.0.0.1:${port}')`);
    await view.click('Connect a client');
    await server.line(/accepted a client/);
    process.kill(server.pid, 'SIGINT');
    expect(await server.exit).toEqual({ code: 0, signal: null });
  },
);
