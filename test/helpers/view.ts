import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { Page } from './chromium.js';

export const PROGRAM = new URL('../../dist/cli/main.js', import.meta.url).pathname;

/** Starts `prefork view`; it is ended by Ctrl-C's signal, which must leave nothing behind. */
export async function startView(...args: string[]) {
  const child = spawn(process.execPath, [PROGRAM, 'view', ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGINT');
    return exited;
  };
  onTestFinished(async () => {
    await stop();
  });
  const lines = createInterface({ input: child.stdout });
  const address = await new Promise<string>((resolve) => {
    lines.once('line', (line) => resolve(line.replace(/^prefork view: /, '')));
  });
  return { address, stop, pid: child.pid as number };
}

/** A page of prefork view, and what a reader does there. */
export class ViewPage {
  readonly page: Page;

  constructor(width = 1180) {
    this.page = new Page((page) => page.look(width, 900));
  }

  async open(...args: string[]) {
    const view = await startView(...args);
    await this.page.goto(view.address);
    onTestFinished(() => this.page.goto('about:blank'));
    return view;
  }

  /** The first button with this text, when it can be clicked. */
  async click(text: string, within = 'body'): Promise<void> {
    const button = `[...document.querySelectorAll(${JSON.stringify(`${within} button`)})]
      .find((b) => b.textContent === ${JSON.stringify(text)} && !b.disabled)`;
    await this.page.until(`!!${button}`);
    await this.page.evaluate(`${button}.click()`);
  }

  /** Sends a line in one of the terminals. */
  async say(line: string, client = 0): Promise<void> {
    await this.page.until(`${count('.terminal form')} > ${client}`);
    await this.page.evaluate(`{ const form = document.querySelectorAll('.terminal form')[${client}];
      form.elements.line.value = ${JSON.stringify(line)}; form.requestSubmit(); }`);
  }

  /** Sets the browser's first language. */
  async speak(language: string): Promise<void> {
    const userAgent = await this.page.evaluate('navigator.userAgent');
    await this.page.send('Emulation.setUserAgentOverride', { userAgent, acceptLanguage: language });
  }

  pids(): Promise<number[]> {
    return this.page.evaluate(`[...document.querySelectorAll('tr[data-pid]')].map((r) => +r.dataset.pid)`);
  }

  async fits(): Promise<boolean> {
    return this.page.evaluate('document.documentElement.scrollWidth <= innerWidth');
  }

  /** With PREFORK_SHOTS=FOLDER, for those who want to look at what the tests see. */
  async shoot(name: string): Promise<void> {
    const folder = process.env.PREFORK_SHOTS;
    if (folder === undefined) return;
    writeFileSync(join(folder, `${name}.png`), await this.page.screenshot());
  }
}

export const count = (selector: string) => `document.querySelectorAll('${selector}').length`;
