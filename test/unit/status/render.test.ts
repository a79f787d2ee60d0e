import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderHtml, renderJson, renderPrometheus, renderText } from '../../../src/status/index.js';
import { NOW, samplePoint, sampleStatus, sampleWorker } from './sample.js';

const NASTY = '</script><script>alert(1)</script>"\'&<b>\x1b[31m\u202e\n';
const TEXTS = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(NASTY, '\\', '"', '\n', '<!--', ']]>', '&lt;'),
);

/** A status with these texts in every place that others have a say in. */
function statusWith(text: string) {
  const listeners = [{ address: text, queued: 0, backlog: null }];
  const reload = { state: 'failed', generation: 3, reason: text } as const;
  return sampleStatus({ app: text, args: [text], cwd: text, version: text, listeners, reload });
}

/** A history with this text in its marks. */
function historyWith(text: string) {
  const mark = { type: 'reload failed', time: NOW, count: 1, text } as const;
  return { interval: 5000, points: [samplePoint({ marks: [mark] })] };
}

test('text: the whole picture', () => {
  const workers = [sampleWorker(0), sampleWorker(11, { state: 'draining', pid: 0, startedAt: 0, requests: 1_234_567 })];
  expect(renderText(sampleStatus({}, workers))).toBe(`prefork 1.2.3: /srv/app.js --flag
monitor 100, generation 2, up 1h 0m
short of workers: 1 of 2 workers ready, 2 alive
listening on 127.0.0.1:8080, 1 of 511 waiting
memory 30.0 MiB (PSS): monitor 10.0 MiB, zygote 10.0 MiB
4 forked, 1 died, 0 killed, 1 reloads

SLOT  GEN  PID  STATE     CONNS  ACCEPTED   REQUESTS  DELAY  BUSY     UP       PSS
   0    2  200  ready         3        40      5,000  12 ms   25%  1m 1s  10.0 MiB
  11    2    –  draining      3        40  1,234,567  12 ms   25%      –         –
 all                          6        80  1,239,567
`);
});

test('text: requests per second when there was a look before', () => {
  const earlier = sampleStatus();
  const workers = [sampleWorker(0, { requests: 5003 }), sampleWorker(1, { requests: 7000 })];
  const text = renderText({ ...sampleStatus({}, workers), time: NOW + 2000 }, earlier);
  expect(text).toMatch(/ REQ\/S .*\n.* 1\.5 .*\n.* 1,000 .*\n.* 1,002\n$/);
});

test('text: nothing in a name garbles the terminal or forges a line', () => {
  const lines = renderText(statusWith('x')).split('\n').length;
  fc.assert(
    fc.property(TEXTS, (text) => {
      const shown = renderText(statusWith(text));
      expect(shown.split('\n')).toHaveLength(lines);
      expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202e]/u);
    }),
  );
});

test('json: all of the status', () => {
  expect(JSON.parse(renderJson(statusWith(NASTY)))).toEqual(statusWith(NASTY));
  expect(JSON.parse(renderJson(historyWith(NASTY)))).toEqual(historyWith(NASTY));
});

test('html: no text of others becomes markup', () => {
  const tags = (page: string) => page.match(/<[^>]*>/g);
  const expected = tags(renderHtml(statusWith('x'), historyWith('x')));
  fc.assert(
    fc.property(TEXTS, (text) => {
      expect(tags(renderHtml(statusWith(text), historyWith(text)))).toEqual(expected);
    }),
  );
});

test('html: the page needs nothing from elsewhere, and its script no module', () => {
  const page = renderHtml(sampleStatus(), historyWith('x'));
  // The names of XML's namespaces lead nowhere.
  expect(page.replaceAll(/"http:\/\/www\.w3\.org\/[\w/]+"/g, '')).not.toMatch(
    /https?:|\/\/[a-z]|src=|@import|url\(|sourceMappingURL|^import /m,
  );
  expect(page.match(/<link [^>]*>/g)).toEqual(['<link rel="icon" href="data:,"/>']);
  expect(page).toContain('<noscript><meta http-equiv="refresh" content="1"/></noscript>');
});

interface Family {
  readonly type: string;
  readonly samples: Map<string, number>;
}

/** Reads the text format as its specification has it, and fails where the text is not so. */
function parseMetrics(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let current = '';
  expect(text.endsWith('\n')).toBe(true);
  for (const line of text.slice(0, -1).split('\n')) {
    const help = /^# HELP ([a-z_]+) [^\n\\]+$/.exec(line);
    const type = /^# TYPE ([a-z_]+) (gauge|counter)$/.exec(line);
    const sample = /^([a-z_]+)(\{(?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)+\})? (\S+)$/.exec(line);
    if (help) {
      current = help[1] as string;
      expect(families.has(current), `${current} comes once`).toBe(false);
    } else if (type) {
      expect(type[1]).toBe(current);
      families.set(current, { type: type[2] as string, samples: new Map() });
    } else {
      expect(sample, line).not.toBeNull();
      expect(sample?.[1]).toBe(current);
      const { samples } = families.get(current) as Family;
      const labels = sample?.[2] ?? '';
      expect(samples.has(labels), `${line} comes once`).toBe(false);
      expect(Number(sample?.[3]), line).not.toBeNaN();
      samples.set(labels, Number(sample?.[3]));
    }
  }
  return families;
}

test('prometheus: every family is described once, and counters say so in their names', () => {
  for (const [name, { type, samples }] of parseMetrics(renderPrometheus(sampleStatus()))) {
    expect(name).toMatch(/^prefork_/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    expect(samples.size).toBeGreaterThan(0);
    expect(name).not.toMatch(/_ms|milli|_mib/);
  }
});

test('prometheus: seconds, bytes, and labels by slot and generation', () => {
  const families = parseMetrics(renderPrometheus(sampleStatus()));
  const value = (name: string, labels = '') => families.get(`prefork_${name}`)?.samples.get(labels);
  const worker = '{slot="1",generation="2"}';
  expect(value('start_time_seconds')).toBe(NOW / 1000 - 3600);
  expect(value('worker_loop_delay_seconds', worker)).toBe(0.012);
  expect(value('worker_requests_total', worker)).toBe(5000);
  expect(value('process_pss_bytes', '{role="worker",slot="1",generation="2"}')).toBe(10_485_760);
  expect(value('process_cpu_seconds_total', '{role="monitor"}')).toBe(1.5);
  expect(value('process_rss_bytes', '{role="zygote",generation="2"}')).toBe(31_457_280);
  expect(value('workers', '{state="ready"}')).toBe(2);
  expect(value('listener_queued', '{address="127.0.0.1:8080"}')).toBe(1);
});

test('prometheus: a worker and its successor in one slot are one series', () => {
  const workers = [
    sampleWorker(0, { state: 'draining', busy: 0.9, requests: 10 }),
    sampleWorker(0, { record: 5, pid: 300, busy: 0.1, requests: 1 }),
  ];
  const families = parseMetrics(renderPrometheus(sampleStatus({}, workers)));
  const value = (name: string) => families.get(name)?.samples.get('{slot="0",generation="2"}');
  expect(value('prefork_worker_requests_total')).toBe(11);
  expect(value('prefork_worker_busy_ratio')).toBe(0.9);
});

test('prometheus: any text is a label, and comes back as it was', () => {
  fc.assert(
    fc.property(TEXTS, (text) => {
      const families = parseMetrics(renderPrometheus(statusWith(text)));
      const [labels] = families.get('prefork_listener_queued')?.samples.keys() ?? [];
      const escaped = /^\{address="(.*)"\}$/s.exec(labels ?? '')?.[1];
      expect(escaped?.replace(/\\(.)/g, (_, character) => (character === 'n' ? '\n' : character))).toBe(text);
    }),
  );
});
