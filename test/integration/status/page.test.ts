import { expect, onTestFinished } from 'vitest';
import { Page } from '../../helpers/chromium.js';
import type { Running } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { startDescribed } from './described.js';

const NASTY = '</title></script><script>document.title = "owned"</script><b>"\'&amp;';
const MARK = `worker 1 (pid 7) died ${NASTY}`;
/** Serves the page of the described server, and says so for each time that somebody asks how it is. */
const SERVE = `
  const server = await status.serveStatus({ host: '127.0.0.1', port: 0, interval: 100, snapshot: () => {
    console.log('asked');
    return takeSnapshot(board);
  } });
  for (const type of ['died', 'reload begins']) server.mark({ type, text: ${JSON.stringify(MARK)} });
  console.log('page on', server.port);`;

const page = new Page(({ driven }) =>
  driven.addInitScript(
    "window.refused = []; addEventListener('securitypolicyviolation', (event) => refused.push(event.blockedURI))",
  ),
);

async function openStatus(description: object = {}): Promise<Running> {
  const server = await startDescribed(description, SERVE);
  const port = (await server.line(/^page on (\d+)$/))[1];
  onTestFinished(() => page.goto('about:blank'));
  await page.goto(`http://127.0.0.1:${port}/`);
  return server;
}

/** The text of the tile of that name. */
const tile = (name: string) => `[...document.querySelectorAll('.tiles div')]
  .find((tile) => tile.firstChild.textContent === '${name}').lastChild.textContent`;
const busiestRow = "document.querySelector('.workers tbody tr')";
/** The shape of the first plot, requests per second, once there is one. */
const plot = "document.querySelector('.plots path')?.getAttribute('d')";
const requests = `Number(${busiestRow}.querySelector('[data-name=requests]').textContent.replaceAll(',', ''))`;

testWith('chromium')('the page keeps itself current, and disturbs no reader', async () => {
  await openStatus();
  expect(await page.evaluate(tile('workers ready'))).toBe('2 of 2');
  // What a reload, or new elements in place of old ones, would take away.
  await page.evaluate(`window.kept = { row: ${busiestRow}, requests: ${requests} };
    getSelection().selectAllChildren(document.querySelector('h1')); 0`);
  await page.until(`${requests} > kept.requests && Number(${tile('requests/s')}) > 0`);
  expect(await page.evaluate(`kept.row === ${busiestRow}`)).toBe(true);
  expect(await page.evaluate('String(getSelection())')).toBe('/srv/app.js');
});

testWith('chromium')('the plots go on by themselves, with marks, and as a table that stays open', async () => {
  await openStatus();
  await page.until(`${plot}?.includes('L')`);
  expect(await page.evaluate("document.querySelectorAll('.plots svg[role=img][aria-label]').length")).toBe(5);
  for (const kind of ['died', 'begins']) {
    expect(await page.evaluate(`document.querySelectorAll('.plots line.${kind}').length`)).toBe(5);
    expect(await page.evaluate(`document.querySelector('.plots line.${kind} title').textContent`)).toBe(MARK);
  }
  const inPlot = "document.querySelector('.plots path').getBBox()";
  expect(await page.evaluate(`${inPlot}.x >= 0 && ${inPlot}.x + ${inPlot}.width <= 300`)).toBe(true);
  await page.evaluate("document.querySelector('.history summary').click()");
  await page.evaluate(`window.kept = { shape: ${plot}, svg: document.querySelector('.plots svg') }; 0`);
  await page.until(`${plot} !== kept.shape`);
  expect(await page.evaluate("document.querySelector('.plots svg') === kept.svg")).toBe(true);
  expect(await page.evaluate("document.querySelector('.history table').checkVisibility()")).toBe(true);
  expect(await page.evaluate("document.querySelector('.history [data-name=connections]').textContent")).toBe('0');
  expect(await page.evaluate('refused')).toEqual([]);
});

/** How often the page has asked for it. */
const asked = (name: string) =>
  `performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/${name}')).length`;
const selected = "document.querySelector('[role=tab][aria-selected=true]')";

testWith('chromium')('the processes are a tab, for the keyboard too, and looked at only while it is open', async () => {
  const { pid } = await openStatus();
  await page.until(`${asked('status.json')} >= 2`);
  expect(await page.evaluate(asked('figure.json'))).toBe(0);
  await page.evaluate(`${selected}.focus()`);
  await page.driven.keyboard.press('ArrowRight');
  await page.until(`${selected}.textContent === 'figure' && document.activeElement === ${selected}`);
  await page.until(`document.querySelector('.card') && document.querySelector('.sentences tr[data-pid="${pid}"] td')`);
  expect(await page.evaluate("document.querySelector('[role=tabpanel]').ariaLabelledByElements")).toHaveLength(1);
  await page.driven.reload();
  await page.until("location.hash === '#figure' && document.querySelector('.card')");
  expect(await page.evaluate('refused')).toEqual([]);
  await page.evaluate(`${selected}.focus()`);
  await page.driven.keyboard.press('ArrowLeft');
  await page.until(`${tile('workers ready')} === '2 of 2'`);
  const [figures, statuses] = [await page.evaluate(asked('figure.json')), await page.evaluate(asked('status.json'))];
  await page.until(`${asked('status.json')} >= ${statuses} + 2`);
  // One may have been under way.
  expect(await page.evaluate<number>(asked('figure.json'))).toBeLessThanOrEqual(Number(figures) + 1);
});

testWith('chromium')('where the processes may not be looked at, the tab says why, and how to see them', async () => {
  await page.driven.route('**/figure.json', (route) => route.fulfill({ status: 403, body: 'Not from here.\n' }));
  onTestFinished(() => page.driven.unrouteAll());
  const { pid } = await openStatus();
  await page.until("document.querySelector('#tab-figure')");
  await page.evaluate("document.querySelector('#tab-figure').click()");
  await page.until("document.querySelector('.missing')");
  expect(await page.evaluate("document.querySelector('.missing li').textContent")).toContain('Not from here.');
  expect(await page.evaluate("document.querySelector('.missing code').textContent")).toBe(`prefork view ${pid}`);
});

testWith('chromium')('the page says that the server does not answer, until it does', async () => {
  const { pid } = await openStatus();
  const alert = "document.querySelector('[role=alert]')";
  await page.until(`Number(${tile('requests/s')}) > 0`);
  expect(await page.evaluate(`${alert}.checkVisibility()`)).toBe(false);
  process.kill(pid, 'SIGSTOP');
  await page.until(`${alert}.checkVisibility() && ${alert}.textContent.startsWith('No answer from the server')`);
  process.kill(pid, 'SIGCONT');
  await page.until(`!${alert}.checkVisibility()`);
});

testWith('chromium')('text of others stays text, from the server and from the script', async () => {
  const reload = { state: 'failed', generation: 4, reason: NASTY };
  const listeners = [{ address: NASTY, queued: 0, backlog: null }];
  await openStatus({ app: NASTY, args: [NASTY], cwd: NASTY, version: NASTY, reload, listeners });
  const look = async () => {
    expect(await page.evaluate("document.querySelector('h1').textContent")).toBe(`${NASTY} ${NASTY}`);
    expect(await page.evaluate('document.title')).toBe(`${NASTY} – prefork`);
    expect(await page.evaluate("document.querySelectorAll('main script, main b:not(figcaption b)').length")).toBe(0);
    expect(await page.text()).toContain(`the reload as generation 4 failed: ${NASTY}`);
  };
  await look();
  await page.until(`Number(${tile('requests/s')}) > 0 && ${plot} !== undefined`);
  await look();
  expect(await page.text()).toContain(MARK);
});

testWith('chromium')('without scripts, the page loads itself anew', async () => {
  await page.send('Emulation.setScriptExecutionDisabled', { value: true });
  onTestFinished(async () => {
    await page.send('Emulation.setScriptExecutionDisabled', { value: false });
  });
  const server = await openStatus();
  await page.evaluate('window.kept = true');
  await server.lines(3, /^asked$/);
  await page.until('window.kept === undefined');
});

testWith('chromium').each([
  [1200, 'light'],
  [1200, 'dark'],
  [360, 'light'],
  [360, 'dark'],
] as const)('the page can be read %i pixels wide in the %s', async (width, scheme) => {
  await page.look(width, 800, scheme);
  await openStatus({ app: `/srv/${'long-name/'.repeat(20)}app.js` });
  await page.until(`${plot}?.includes('L')`);
  await page.evaluate("document.querySelector('.history details').open = true");
  // But for the bar to scroll by.
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  const light = `((color) => { const [r, g, b] = color.match(/[\\d.]+/g).map(Number); return r + g + b > 382; })`;
  const colors = (part: string) => page.evaluate(`${light}(getComputedStyle(document.querySelector('${part}')).color)`);
  expect(await page.evaluate(`${light}(getComputedStyle(document.body).backgroundColor)`)).toBe(scheme === 'light');
  for (const part of ['h1', 'td', 'dt', '.pool + .legend .ready']) expect(await colors(part)).toBe(scheme === 'dark');
  const stroke = `${light}(getComputedStyle(document.querySelector('.plots path')).stroke)`;
  expect(await page.evaluate(stroke)).toBe(scheme === 'dark');
  // A row on a wide screen, a card on a narrow one, where each value has its name.
  expect(await page.evaluate("document.querySelector('.workers thead').getBoundingClientRect().height > 1")).toBe(
    width > 1000,
  );
  await page.evaluate("document.querySelector('#tab-figure').click()");
  await page.until("document.querySelector('.card') && document.querySelector('.sentences td')");
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  for (const part of ['.sentences td', '[aria-selected=true]']) expect(await colors(part)).toBe(scheme === 'dark');
});
