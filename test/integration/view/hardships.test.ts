// What a view must bear: storms, servers that end and come again, readers who want less.
import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import { startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { count, ViewPage } from '../../helpers/view.js';

const STORM = 2000;
/** As many at a time: the page is to have something to draw, and the machine other things to do. */
const AT_ONCE = 100;

const view = new ViewPage();
const { page } = view;

async function startServer(port = 0, workers = 3) {
  const server = await startPrefork([
    'echo',
    '--quiet',
    '--host',
    '127.0.0.1',
    '--port',
    `${port}`,
    '--workers',
    `${workers}`,
  ]);
  const [, bound] = await server.line(/^Listening on .*:(\d+)/);
  return { server, port: Number(bound) };
}

/** One client: connects, says exit, and waits until it is hung up on. */
async function visit(port: number): Promise<void> {
  const client = connect(port, '127.0.0.1');
  client.on('error', () => {}).resume();
  client.end('exit\n');
  await once(client, 'close');
}

testWith('chromium')(`a storm of ${STORM} connections while it draws`, async () => {
  const { server, port } = await startServer(0, 8);
  await view.open(`${server.pid}`);
  await page.until(`${count('.card.accepting')} === 8`);
  await page.evaluate(`{ window.seen = 0;
    new MutationObserver(() => { seen = Math.max(seen, document.querySelectorAll('.chip').length); })
      .observe(document.body, { childList: true, subtree: true, attributes: true }); }`);
  // A fast machine is through with them before the page has drawn one: more come until then.
  let left = STORM;
  let isDrawn = false;
  const drawn = page.until('seen > 0').finally(() => {
    isDrawn = true;
  });
  const visitor = async () => {
    while (left-- > 0 || !isDrawn) await visit(port);
  };
  await Promise.all([drawn, ...Array.from({ length: AT_ONCE }, visitor)]);
  await page.until(`${count('.chip')} === 0 && ${count('.card.accepting')} === 8`);
  expect(await page.evaluate(`document.querySelector('[role=alert]').hidden`)).toBe(true);
});

testWith('chromium')(
  'a server of somebody else is killed: the page says so; another one is nothing to it',
  async () => {
    const { server, port } = await startServer();
    await view.open(`${server.pid}`);
    await page.until(`${count('.card.accepting')} === 3`);
    process.kill(server.pid, 'SIGKILL');
    await page.until(`!!document.querySelector('.gone') && ${count('.card')} === 0`);
    expect(await page.evaluate(count('.gone button'))).toBe(0);
    await server.closed;
    await startServer(port);
    await view.click('Connect a client');
    await page.until(`document.querySelector('[role=alert]').textContent.includes('nothing listens')`);
  },
);

testWith('chromium')('the view ends: the page says so and keeps what it saw', async () => {
  const { stop } = await view.open();
  await page.until(`${count('.card.accepting')} === 3`);
  await stop();
  await page.until(`!document.querySelector('[role=alert]').hidden && ${count('.card')} === 4`);
});

testWith('chromium').each(['no-preference', 'reduce'] as const)(
  'a child that dies fades, its successor appears; motion: %s',
  async (reducedMotion) => {
    await page.driven.emulateMedia({ reducedMotion });
    await view.open();
    await page.until(`${count('.card.accepting')} === 3`);
    const [, child] = await view.pids();
    await page.evaluate(`document.querySelector('tr[data-pid="${child}"] button').click()`);
    await page.until(`[...document.querySelectorAll('.ghost')].some((g) => g.textContent.includes('${child}'))`);
    const animation = `getComputedStyle(document.querySelector('.ghost')).animationName`;
    expect(await page.evaluate(animation)).toBe(reducedMotion === 'reduce' ? 'none' : 'vanish');
    await page.until(`${count('.ghost')} === 0 && ${count('.card.accepting')} === 3`);
  },
);

interface Profile {
  readonly nodes: readonly { id: number; callFrame: { url: string }; children?: number[] }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Milliseconds in which the page's own script ran, and what it called. */
function scriptTime({ nodes, samples, timeDeltas }: Profile): number {
  const own = new Set<number>();
  // Each node stands before its children.
  for (const { id, callFrame, children } of nodes) {
    if (callFrame.url.endsWith('/page.js')) own.add(id);
    if (own.has(id)) for (const child of children ?? []) own.add(child);
  }
  return samples.reduce((sum, id, at) => sum + (own.has(id) ? (timeDeltas[at] ?? 0) : 0), 0) / 1000;
}

testWith('chromium')('the script of a figure of 20 processes and 100 connections is short', async () => {
  const { server, port } = await startServer(0, 19);
  const clients = Array.from({ length: 100 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  onTestFinished(() => {
    for (const client of clients) client.destroy();
  });
  await page.driven.addInitScript(`{ window.figures = 0; const Plain = EventSource; window.EventSource = class extends Plain {
    constructor(url) { super(url); this.addEventListener('figures', () => figures++); } } }`);
  await view.open(`${server.pid}`);
  const queued = (n: number) => `document.querySelector('.memo').textContent.includes('queue: ${n} ')`;
  await page.until(`${count('tr.serving')} === 19 && ${queued(81)}`);
  await page.send('Profiler.enable');
  const before = await page.evaluate<number>('figures');
  await page.send('Profiler.start');
  // Each figure has one client more in the queue.
  for (let n = 82; n < 92; n++) {
    clients.push(connect(port, '127.0.0.1').on('error', () => {}));
    await page.until(queued(n));
  }
  const { profile } = (await page.send('Profiler.stop')) as { profile: Profile };
  const figures = (await page.evaluate<number>('figures')) - before;
  const each = scriptTime(profile) / figures;
  expect(figures).toBeGreaterThanOrEqual(10);
  expect(each, `${each.toFixed(2)} ms for each of ${figures} figures`).toBeLessThan(30);
  if (process.env.PREFORK_SHOTS) console.log(`${each.toFixed(2)} ms of script for each of ${figures} figures`);
});
