import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { Inspection } from '../../../src/inspect/index.js';
import { renderSvg } from '../../../src/inspect/index.js';
import { Page } from '../../helpers/chromium.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { ROOT, startPrefork } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';

const page = new Page();

interface Seen {
  readonly root: string;
  readonly errors: number;
  readonly counts: Readonly<Record<'process' | 'descriptor' | 'description' | 'object' | 'path', number>>;
  /** Texts that leave their box or the picture, boxes that overlap, and whatever is not visible. */
  readonly faults: readonly string[];
}

/** Runs in the page. */
const LOOK = `(() => {
  const all = (what) => [...document.querySelectorAll(what)];
  const box = (element) => element.getBBox();
  const inside = (a, b) => a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height;
  const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  const { width, height } = document.documentElement.viewBox.baseVal;
  const picture = { x: 0, y: 0, width, height };
  const faults = [];
  for (const text of all('text')) {
    const frame = text.parentElement.querySelector(':scope > rect:not(.back)');
    if (!inside(box(text), text.parentElement.tagName === 'g' ? box(frame) : picture)) faults.push('leaves: ' + text.textContent);
    if (!text.checkVisibility() || box(text).width === 0) faults.push('invisible: ' + text.textContent);
  }
  const boxes = all('g > rect').map((rect) => [rect.parentElement.textContent, box(rect)]);
  boxes.forEach(([name, one], index) => {
    if (!inside(one, picture) || one.width === 0 || one.height === 0) faults.push('out of sight: ' + name);
    for (const [other, two] of boxes.slice(index + 1)) if (overlap(one, two)) faults.push(name + ' overlaps ' + other);
  });
  const count = (what) => all(what).length;
  return {
    root: document.documentElement.tagName,
    errors: count('parsererror'),
    counts: { process: count('g.process'), descriptor: count('g.descriptor'), description: count('g.description'),
      object: count('g.object'), path: count('path') },
    faults,
  };
})()`;

async function open(svg: string): Promise<Seen> {
  const folder = temporaryFolder();
  const file = join(folder, 'picture.svg');
  writeFileSync(file, svg);
  await page.goto(pathToFileURL(file).href);
  return page.evaluate(LOOK);
}

async function inspectionOf(...args: readonly string[]): Promise<Inspection> {
  const command = await startPrefork(['inspect', '--json', ...args]);
  expect(await command.closed).toEqual({ code: 0, signal: null });
  return JSON.parse(command.stdout.text);
}

/** The inspection of a server with a channel to each worker. */
async function realInspection(): Promise<Inspection> {
  const server = await startPrefork(['start', join(ROOT, 'test/fixtures/apps/http.mjs'), '-w', '2']);
  await server.line(/serving on .* with 2 workers/);
  return inspectionOf(`${server.pid}`);
}

testWith('chromium')('each process, descriptor and description of a server is drawn, apart', async () => {
  const inspection = await realInspection();
  const { root, errors, counts, faults } = await open(renderSvg(inspection, { all: true }));
  expect({ root, errors, faults }).toEqual({ root: 'svg', errors: 0, faults: [] });
  const { processes, descriptions } = inspection;
  const descriptor = descriptions.reduce((sum, { holders }) => sum + holders.length, 0);
  const description = descriptions.length;
  expect(counts).toMatchObject({
    process: processes.length,
    descriptor,
    description,
    path: descriptor + description,
  });
  expect(counts.object).toBeLessThan(description);
  const titles =
    "[...document.querySelectorAll('g.object.channel text:first-of-type')].map((text) => text.textContent)";
  const channels = ['unix monitor ↔ zygote', 'unix monitor ↔ worker 0', 'unix monitor ↔ worker 1'];
  expect(await page.evaluate(titles)).toEqual(expect.arrayContaining(channels));
});

testWith('chromium').each([
  ['markup', '</text></svg><script>"\'&]]>'],
  ['a long path', `/${'long-name/'.repeat(40)}`],
  ['Japanese', `/srv/${'説明書'.repeat(40)}`],
  ['emoji', `/srv/${'🙂'.repeat(80)}`],
])('text of others that is %s stays text, in its box', async (_, nasty) => {
  const { processes, descriptions, ...rest } = await realInspection();
  const worded = {
    ...rest,
    processes: processes.map((process) => ({ ...process, role: nasty })),
    descriptions: descriptions.map((description) => ({
      ...description,
      label: nasty,
      flags: [nasty],
      holders: description.holders.map((holder) => ({ ...holder, fd: 1_000_000 + holder.fd })),
    })),
    notes: [nasty, 'x'.repeat(1000)],
  };
  const { root, errors, counts, faults } = await open(renderSvg(worded, { all: true }));
  expect({ root, errors, faults }).toEqual({ root: 'svg', errors: 0, faults: [] });
  expect(counts.description).toBe(descriptions.length);
  expect(await page.evaluate("document.querySelectorAll('script').length")).toBe(0);
});

testWith('chromium').each([
  [1400, 'light'],
  [1400, 'dark'],
  [360, 'light'],
  [360, 'dark'],
] as const)('the picture fits into %i pixels, and has contrast in the %s', async (width, scheme) => {
  await page.driven.setViewportSize({ width, height: 600 });
  await page.driven.emulateMedia({ colorScheme: scheme });
  const { faults } = await open(renderSvg(await realInspection()));
  expect(faults).toEqual([]);
  const drawn = await page.evaluate<number>('document.documentElement.getBoundingClientRect().width');
  expect(drawn).toBe(await page.evaluate<number>('Math.min(1200, document.documentElement.clientWidth)'));

  const luminance = `((color) => { const [r, g, b] = color.match(/[\\d.]+/g).map((part) => {
    const share = part / 255; return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }); return 0.2126 * r + 0.7152 * g + 0.0722 * b; })`;
  const fill = (what: string) => `${luminance}(getComputedStyle(document.querySelector('${what}')).fill)`;
  const back = await page.evaluate<number>(fill('rect.back'));
  expect(back > 0.5).toBe(scheme === 'light');
  for (const [text, behind] of [
    ['svg > text.head', 'rect.back'],
    ['svg > text.dim', 'rect.back'],
    ['g.process text.head', 'g.process rect'],
    ['g.process text.dim', 'g.process rect'],
    ['g.object:not(.shared) text', 'g.object:not(.shared) rect'],
    ['g.object.shared text', 'g.object.shared rect'],
    ['g.object.shared text.dim', 'g.object.shared rect'],
    ['g.object.channel text', 'g.object.channel rect'],
    ['g.object.channel text.dim', 'g.object.channel rect'],
  ] as const) {
    const [one, other] = [await page.evaluate<number>(fill(text)), await page.evaluate<number>(fill(behind))];
    // WCAG 2.2, 1.4.3.
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    expect(contrast, text).toBeGreaterThanOrEqual(4.5);
  }
});
