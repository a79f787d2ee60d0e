import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { LESSONS } from '../../../dist/tutorial/lessons/index.js';
import { isAlive } from '../../helpers/proc.js';
import { testWith } from '../../helpers/programs.js';
import { count, PROGRAM, ViewPage } from '../../helpers/view.js';

const view = new ViewPage(1440);
const { page } = view;

const WORDS = {
  en: { next: 'Next line', connect: 'Connect a client', exit: 'Say exit', paces: 'Let it run' },
  ja: { next: '次の1行', connect: 'クライアントをつなぐ', exit: 'exitと言う', paces: 'そのまま動かす' },
} as const;
type Language = keyof typeof WORDS;

const done = (steps: number) => `${count('.lesson .tries .done')} >= ${steps}`;
const current = (code: string) =>
  `[...document.querySelectorAll('.source .now:not(.one-of)')].some((l) => l.textContent.includes(${JSON.stringify(code)}))`;

/** Presses "Next line" until so many steps are done. */
async function nextUntil(steps: number, { next }: (typeof WORDS)[Language]): Promise<void> {
  const button = `[...document.querySelectorAll('.lesson button')].find((b) => b.textContent === '${next}' && !b.disabled)`;
  while (!(await page.evaluate(done(steps)))) await page.evaluate(`${button}?.click()`);
}

/** What a reader does to see all steps of each lesson done. */
const READERS: readonly ((words: (typeof WORDS)[Language]) => Promise<void>)[] = [
  async (words) => {
    await nextUntil(2, words);
    await page.until(current('puts(listening.fd)'));
    await view.shoot('lesson-1');
    await nextUntil(3, words);
  },
  async (words) => {
    await nextUntil(1, words);
    await page.until(current('accept(listening.fd)'));
    await view.click(words.connect);
    await page.until(done(2));
    await page.until(current("puts('accepted!')"));
    await nextUntil(3, words);
  },
  async (words) => {
    await page.until(current('accept(listening.fd)'));
    await view.click(words.connect);
    await page.until(`${done(1)} && ${current('input.gets()')}`);
    await view.say('hello');
    await page.until(done(2));
    await view.shoot('lesson-3');
    await view.click(words.exit);
  },
  async (words) => {
    await nextUntil(2, words);
    await page.until(current('input.gets()'));
    await view.shoot('lesson-4');
    await nextUntil(3, words);
  },
  async (words) => {
    await page.until(current('puts(`forked child process'));
    await nextUntil(2, words);
    await view.shoot('lesson-5');
    await nextUntil(4, words);
  },
  async (words) => {
    await page.until(`${done(1)} && ${current('accept(listening.fd)')}`);
    await page.until(current('waitall(workers, say)'));
    await view.click(words.connect);
    await page.until(done(2));
    await view.click(words.connect);
    await page.until(`${count('tr.accepting')} === 1`);
    await view.click(words.connect);
  },
  async (words) => {
    await page.until(done(1));
    for (let n = 1; n <= 4; n++) {
      await view.click(words.connect);
      await page.until(`${count('.chip')} === ${n}`);
    }
    await page.until(`${done(3)} && ${current('input.gets()')}`);
    await view.shoot('lesson-7');
    await view.click(words.exit);
    await page.until(done(4));
    await page.evaluate(`document.querySelector('tr.serving button').click()`);
  },
  async (words) => {
    await nextUntil(1, words);
    await view.shoot('lesson-8-one');
    await nextUntil(2, words);
    await view.shoot('lesson-8-two');
    await nextUntil(4, words);
  },
  async (words) => {
    await nextUntil(2, words);
    await view.shoot('lesson-9');
    await nextUntil(4, words);
  },
];

testWith('chromium').each(
  LESSONS.flatMap((_, index) => (['en', 'ja'] as const).map((language) => [index + 1, language] as const)),
)('lesson %i in %s: its steps see that they have been done', async (lesson, language) => {
  await view.speak(language);
  await view.open('--lesson', `${lesson}`);
  await page.until(`document.documentElement.lang === '${language}' && ${count('.lesson')} === 1`);
  const title = LESSONS[lesson - 1]?.title[language];
  expect(await page.evaluate(`document.querySelector('#lesson').textContent`)).toBe(`${lesson}. ${title}`);
  await READERS[lesson - 1]?.(WORDS[language]);
  await page.until(`${count('.lesson .tries .done')} === ${count('.lesson .tries li')}`);
});

testWith('chromium')(
  'another lesson is chosen in the page, which ends the program before; it may run as it likes',
  async () => {
    const choose = (value: string) =>
      page.evaluate(`{ const select = document.querySelector('header select'); select.value = '${value}';
      select.dispatchEvent(new Event('change', { bubbles: true })); }`);
    await view.speak('en');
    const { stop } = await view.open();
    await page.until(`${count('.card.accepting')} === 3`);
    const server = await view.pids();
    await choose('lesson 9');
    await page.until(`${count('.lesson')} === 1 && ${count('.card')} >= 1`);
    expect(server.filter(isAlive)).toEqual([]);
    await view.click(WORDS.en.paces, '.lesson');
    await page.until("document.querySelector('.lesson').innerText.includes('status 0')");
    expect(await page.evaluate("document.querySelector('.output').textContent")).toContain('ECONNREFUSED');
    await choose('echo');
    await page.until(`${count('.lesson')} === 0 && ${count('.card.accepting')} === 3`);
    const all = await view.pids();
    expect(await stop()).toBe(0);
    expect(all.filter(isAlive)).toEqual([]);
  },
);

testWith('chromium').each<[width: number, scheme: 'light' | 'dark', ...args: string[]]>([
  [360, 'dark', '--lesson', '7'],
  [768, 'light', '--lesson', '8'],
  [360, 'light', '--beside', 'cluster'],
  [1024, 'dark', '--beside', 'event-loop'],
])('%i pixels in the %s, %s %s: it fits, in Japanese too', async (width, scheme, ...args) => {
  await page.look(width, 900, scheme);
  for (const language of ['en', 'ja']) {
    await view.speak(language);
    const { stop } = await view.open(...args);
    await page.until(`document.documentElement.lang === '${language}' && ${count('.card')} > 0`);
    if (args[0] === '--beside') {
      await page.until(`${count('.card.accepting')} === 3`);
      await view.click(WORDS[language as Language].connect);
      await page.until(`${count('.chip')} >= 2`);
    }
    await page.until("document.getAnimations().every(({ playState }) => playState === 'finished')");
    expect(await view.fits()).toBe(true);
    await view.shoot(`${args.join('')}-${width}-${scheme}-${language}`);
    await stop();
  }
});

test.each([
  [['--lesson', '10'], '--lesson must be a whole number from 1 to 9'],
  [['--beside', 'apache'], "--beside must be prefork, start, cluster, cluster-none, event-loop, not 'apache'"],
  [['--lesson', '1', '--beside', 'cluster'], 'choose one'],
  [['--lesson', '1', '1'], '--lesson is without a PID'],
])('%o is refused', (args, message) => {
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, 'view', ...args], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
});
