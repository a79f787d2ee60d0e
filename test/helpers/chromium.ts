import { type Browser, type CDPSession, chromium, type Page as Driven } from 'playwright-core';
import { afterAll, beforeAll, expect, vi } from 'vitest';
import { TIMEOUT_MS } from './lines.js';
import { findProgram } from './programs.js';

const FLAGS = ['--disable-gpu', '--disable-quic', '--disable-dev-shm-usage'];

/** One page of a headless Chromium, from before the first test of a file until after its last; where there is one. */
export class Page {
  #browser: Browser | undefined;
  #driven: Driven | undefined;
  #session: CDPSession | undefined;

  /** @param prepare what is to be done before the first test */
  constructor(prepare: (page: Page) => Promise<unknown> = async () => {}) {
    beforeAll(async () => {
      const executablePath = findProgram('chromium');
      if (executablePath === undefined) return; // The tests are skipped: see testWith().
      this.#browser = await chromium.launch({ executablePath, args: FLAGS, chromiumSandbox: false });
      this.#driven = await this.#browser.newPage();
      await prepare(this);
    });
    afterAll(() => this.#browser?.close());
  }

  /** Playwright's own. */
  get driven(): Driven {
    if (this.#driven === undefined) throw new Error('the page is there from beforeAll() on');
    return this.#driven;
  }

  /** For what only the DevTools protocol can do. */
  async send(method: Parameters<CDPSession['send']>[0], params?: object): Promise<unknown> {
    this.#session ??= await this.driven.context().newCDPSession(this.driven);
    return this.#session.send(method, params as never);
  }

  async goto(url: string): Promise<void> {
    await this.driven.goto(url);
  }

  /** How wide and high it is, in CSS pixels, and what its reader likes. */
  async look(width: number, height: number, colorScheme?: 'light' | 'dark'): Promise<void> {
    await this.driven.setViewportSize({ width, height });
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 500 };
    await this.send('Emulation.setDeviceMetricsOverride', metrics);
    if (colorScheme !== undefined) await this.driven.emulateMedia({ colorScheme });
  }

  /** The value of an expression, a promise's too, in the page. */
  evaluate<T>(expression: string): Promise<T> {
    return this.driven.evaluate<T>(expression);
  }

  /**
   * Waits until an expression holds, through reloads, too, which end its context. Playwright's waitForFunction() has
   * the page itself evaluate it, which a strict Content-Security-Policy forbids.
   */
  async until(expression: string): Promise<void> {
    const holds = async () => expect(await this.evaluate(expression)).toBeTruthy();
    try {
      await vi.waitFor(holds, { timeout: TIMEOUT_MS, interval: 20 });
    } catch (cause) {
      throw new Error(`not within ${TIMEOUT_MS} ms: ${expression}; the page:\n${await this.text()}`, { cause });
    }
  }

  text(): Promise<string> {
    return this.evaluate('document.body.innerText');
  }

  /** A PNG file of all of it, when its animations have come to their end. */
  screenshot(): Promise<Buffer> {
    return this.driven.screenshot({ fullPage: true, animations: 'disabled' });
  }
}
