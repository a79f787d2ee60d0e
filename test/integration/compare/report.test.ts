import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Comparison } from '../../../src/compare/comparison.js';
import { renderReport } from '../../../src/compare/report/report.js';
import { Page } from '../../helpers/chromium.js';
import { testWith } from '../../helpers/programs.js';
import { sampleComparison } from '../../unit/compare/sample.js';

const requests: string[] = [];
let comparison: Comparison;
let url: string;

const server = createServer((request, response) => {
  requests.push(request.url ?? '');
  response.setHeader('content-type', 'text/html; charset=utf-8').end(renderReport(comparison));
});

/** What the page has to complain about from its beginning, which is what its console would show. */
const WATCH = `
  window.complaints = [];
  addEventListener('error', (event) => complaints.push(String(event.message ?? event.target)), true);
  addEventListener('securitypolicyviolation', (event) => complaints.push(event.violatedDirective));
  for (const level of ['error', 'warn']) console[level] = (...words) => complaints.push(words.join(' '));`;

const page = new Page(async ({ driven }) => driven.addInitScript(WATCH));

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  server.close();
});

interface Seen {
  readonly complaints: readonly string[];
  readonly loaded: number;
  readonly scrollWidth: number;
  readonly innerWidth: number;
  readonly light: boolean;
  /** Texts whose contrast is less than 4.5, with it. */
  readonly pale: readonly string[];
  /** How many texts were looked at, of the page and of plots. */
  readonly texts: number;
  readonly labels: number;
  /** Labels that leave their plot, overlap others or bars, or cannot be seen. */
  readonly faults: readonly string[];
}

/** Runs in the page. */
const LOOK = `(() => {
  const all = (what, where = document) => [...where.querySelectorAll(what)];
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const luminance = (color) => {
    const [r, g, b] = channels(color).map((value) => value / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const ground = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if ((channels(color)[3] ?? 1) > 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const drawn = element.closest('svg') !== null;
    if (walker.currentNode.data.trim() === '' || (drawn && element.tagName !== 'text')) continue;
    if (element.checkVisibility()) texts.push([element, getComputedStyle(element)[drawn ? 'fill' : 'color']]);
  }
  const pale = texts.map(([element, color]) => [element, contrast(color, ground(element))])
    .filter(([, value]) => value < 4.5).map(([element, value]) => value.toFixed(1) + ': ' + element.textContent);
  const apart = (a, b) => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
  // A text's box has room for its tallest letters, above and below.
  const tight = ({ left, right, top, bottom, height }) => ({ left, right, top: top + height / 5, bottom: bottom - height / 5 });
  const faults = [];
  for (const svg of all('svg')) {
    const frame = svg.getBoundingClientRect();
    const labels = all('text', svg).map((text) => [text.textContent, tight(text.getBoundingClientRect())]);
    const bars = all('[aria-label=bar] *', svg).map((bar) => ['a bar', bar.getBoundingClientRect()]);
    labels.forEach(([name, box], index) => {
      const say = (what) => faults.push(svg.getAttribute('aria-label') + ': ' + name + ' ' + what);
      if (box.right - box.left === 0) say('cannot be seen');
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        say('leaves the plot');
      for (const [other, theirs] of [...labels.slice(index + 1), ...bars]) if (!apart(box, theirs)) say('overlaps ' + other);
    });
  }
  // Wider than the column of text, but for the values of all rounds, which scroll.
  for (const box of all('main > section *').filter((element) => !element.closest('.scroll, svg') && element.checkVisibility())) {
    const room = box.closest('section').getBoundingClientRect();
    if (box.getBoundingClientRect().right > room.right + 1 && !box.closest('.unseen, thead'))
      faults.push('too wide: ' + box.textContent.slice(0, 60));
  }
  for (const fit of all('.fit')) if (fit.scrollWidth > fit.clientWidth) faults.push('scrolls: ' + fit.textContent.slice(0, 60));
  return {
    complaints,
    loaded: performance.getEntriesByType('resource').length,
    scrollWidth: document.scrollingElement.scrollWidth,
    innerWidth,
    light: luminance(ground(document.body)) > 0.5,
    pale,
    texts: texts.length,
    labels: all('svg text').length,
    faults,
  };
})()`;

async function open(
  width: number,
  height: number,
  scheme: 'light' | 'dark',
  shown = sampleComparison(),
): Promise<Seen> {
  comparison = shown;
  requests.length = 0;
  await page.look(width, height, scheme);
  await page.goto('about:blank');
  await page.goto(url);
  return page.evaluate(LOOK);
}

/** How many marks of a kind each plot of a row has. */
const marks = (row: string, mark: string) =>
  page.evaluate<number[]>(
    `[...document.querySelectorAll('#${row} svg[role=img]')].map((svg) => svg.querySelectorAll('[aria-label=${mark}] *').length)`,
  );

const VIEWS = [
  [360, 740, 'light'],
  [360, 740, 'dark'],
  [1280, 800, 'light'],
  [1280, 800, 'dark'],
] as const;

testWith('chromium').each(VIEWS)('at %i×%i, %s: complete, quiet, readable', async (...view) => {
  const { texts, labels, scrollWidth, innerWidth, ...seen } = await open(...view);
  expect(seen).toEqual({ complaints: [], loaded: 0, light: view[2] === 'light', pale: [], faults: [] });
  expect(requests).toEqual(['/']);
  expect(innerWidth).toBe(view[0]);
  expect(scrollWidth).toBeLessThanOrEqual(view[0]);
  expect(texts).toBeGreaterThan(500);
  expect(labels).toBeGreaterThan(100);
});

testWith('chromium').each([360, 1280])('%i pixels wide, each plot has its marks', async (width) => {
  await open(width, 800, 'light');
  for (const row of ['spread-slowly', 'spread-at-once']) expect(await marks(row, 'bar')).toEqual([3, 3, 3, 3]);
  expect(await marks('worker-dies-under-load', 'dot')).toEqual([60, 60, 60, 60]);
  expect(await marks('memory', 'dot')).toEqual([4 + 4 + 4 + 4 + 1]);
  expect(await marks('memory', 'text')).toEqual([5]);
  expect(await marks('keep-alive', 'bar')).toEqual([4]);
  expect(await marks('round-trips', 'bar')).toEqual([5, 5]);
  const empty =
    await page.evaluate<number>(`[...document.querySelectorAll('[aria-label=bar] *, [aria-label=dot] *, [aria-label=line] *')]
    .filter((mark) => { const { width, height } = mark.getBoundingClientRect(); return width + height === 0; }).length`);
  // The one point of the event loop's line.
  expect(empty).toBe(1);
});

testWith('chromium').each([360, 1280])('%i pixels wide, missing values say why', async (width) => {
  await open(width, 800, 'dark');
  const text = await page.text();
  for (const { title, cells } of sampleComparison().rows) {
    expect(text).toContain(title);
    for (const { missing } of Object.values(cells)) if (missing !== null) expect(text).toContain(`missing: ${missing}`);
  }
  expect(text).toContain('missing: no answer within 1 s');
  const hidden = `[...document.querySelectorAll('.missing')].filter((cell) => cell.getBoundingClientRect().height < 10)`;
  expect(await page.evaluate(`${hidden}.length`)).toBe(0);
});

testWith('chromium')(
  'on a phone, each figure has its name beside it, and long rows of values scroll alone',
  async () => {
    await open(360, 740, 'light');
    const head = "document.querySelector('#burn thead').getBoundingClientRect().height";
    expect(await page.evaluate(head)).toBeLessThan(2);
    const named = `getComputedStyle(document.querySelector('#burn td[data-label]'), '::before').content`;
    expect(await page.evaluate(named)).toBe('"p50 without"');
    const ends = `[...document.querySelectorAll('#round-trips td[data-label] > *')]
    .map((value) => Math.round(value.getBoundingClientRect().right))`;
    expect(new Set(await page.evaluate<number[]>(ends)).size).toBe(1);
    await page.evaluate("for (const details of document.querySelectorAll('details')) details.open = true");
    const scrolls = `[...document.querySelectorAll('.scroll')].some((box) => box.scrollWidth > box.clientWidth)`;
    expect(await page.evaluate(scrolls)).toBe(true);
    expect(await page.evaluate('document.scrollingElement.scrollWidth')).toBe(360);
    await open(1280, 800, 'light');
    expect(await page.evaluate(head)).toBeGreaterThan(20);
  },
);

testWith('chromium')('long words of a machine do not widen the page', async () => {
  const long = 'x'.repeat(300);
  const sample = sampleComparison(1, {
    listener: [{ seen: long, note: long }, long],
    memory: [long, { figures: { idle: null, served: 1 }, note: long }],
  });
  const seen = await open(360, 740, 'light', { ...sample, machine: { ...sample.machine, cpu: long } });
  expect(seen.scrollWidth).toBe(360);
});
