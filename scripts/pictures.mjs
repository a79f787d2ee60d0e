// Takes the pictures of the status page, of inspect and of compare's report that docs/ shows, from real runs, with the
// Chromium of this machine: node scripts/pictures.mjs [folder [light|dark]]. It takes some two minutes.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '..');
const CLI = 'dist/cli/main.js';
const [folder = join(ROOT, 'docs/pictures'), colorScheme = 'light'] = process.argv.slice(2);
/** Milliseconds of traffic before the status page is shown: its plots are a minute wide at first. */
const TRAFFIC = 75_000;
/** Rows of the report that differ most to the eye. */
const ROWS = ['spread-slowly', 'worker-dies-under-load'];
const APP = `
import { createServer } from 'node:http';
createServer((request, response) => {
  const end = performance.now() + Number(request.headers['x-work'] ?? 0);
  while (performance.now() < end);
  response.end('hello');
}).listen(0, '127.0.0.1');
`;

const work = mkdtempSync(join(tmpdir(), 'shop-'));
const children = [];
let traffic = true;
let browser;
try {
  browser = await chromium.launch({
    executablePath: program('chromium', 'chromium-browser', 'google-chrome'),
    chromiumSandbox: false,
  });
  await statusPage();
  await inspection();
  await report();
} finally {
  await browser?.close();
  await Promise.all(children.map(end));
  rmSync(work, { recursive: true });
}

async function statusPage() {
  const app = join(work, 'server.mjs');
  writeFileSync(app, APP);
  const server = await run([join(ROOT, CLI), 'start', '--workers', '4', '--status-port', '0', app], work);
  const [, url] = await server.line(/status on (\S+)/);
  const [, port] = await server.line(/serving on \S+:(\d+) /);
  const agent = new Agent({ keepAlive: true });
  const clients = Array.from({ length: 9 }, (_, n) => client(port, agent, n));
  await sleep(TRAFFIC * 0.4);
  const { workers } = await (await fetch(`${url}status.json`)).json();
  process.kill(workers[1].pid, 'SIGKILL');
  await sleep(TRAFFIC * 0.3);
  process.kill(server.pid, 'SIGHUP');
  await sleep(TRAFFIC * 0.25);
  await shoot(url, 'status.png', 1180, async (page) => page.waitForSelector('[role=tab]'));
  await shoot(`${url}#figure`, 'status-figure.png', 1180, async (page) => page.waitForSelector('.chip'));
  traffic = false;
  await Promise.all(clients);
  agent.destroy();
}

/** One client's requests, now more of them, now less. */
async function client(port, agent, n) {
  while (traffic) {
    const headers = { 'x-work': String(n % 3) };
    await new Promise((resolve) => {
      const options = { host: '127.0.0.1', port, agent, headers };
      get(options, (response) => response.resume().once('close', resolve)).once('error', resolve);
    });
    await sleep(20 + 15 * Math.sin(Date.now() / 7000 + n / 3));
  }
}

async function inspection() {
  const server = await run([CLI, 'echo', '--workers', '2', '--host', '127.0.0.1', '--port', '0']);
  const [, port] = await server.line(/^Listening on \S+:(\d+)/);
  const clients = Array.from({ length: 3 }, () => connect(port, '127.0.0.1'));
  await server.line(/accepted a client/);
  await sleep(1000); // The last of them waits in the queue.
  const file = join(folder, 'inspect.svg');
  rmSync(file, { force: true });
  cli(['inspect', '--svg', file, String(server.pid)]);
  for (const client of clients) client.destroy();
}

async function report() {
  const file = join(work, 'report.html');
  cli(['compare', '--quick', '--only', ROWS.join(), '--report', file]);
  await shoot(pathToFileURL(file).href, 'compare.png', 1000, async () => {}, ROWS);
}

/** @param parts the ids of the first and the last of what is to be seen; else it is all */
async function shoot(url, name, width, ready, parts = []) {
  const page = await browser.newPage({ viewport: { width, height: 700 }, colorScheme });
  await page.goto(url);
  await ready(page);
  await sleep(3000); // So that what is per second is known.
  mkdirSync(folder, { recursive: true });
  const boxes = await Promise.all(parts.map((id) => page.locator(`#${id}`).boundingBox()));
  const [top, bottom] = [Math.min(...boxes.map(({ y }) => y)), Math.max(...boxes.map(({ y, height }) => y + height))];
  const clip = boxes.length === 0 ? {} : { clip: { x: 0, y: top, width, height: bottom - top } };
  await page.screenshot({ path: join(folder, name), fullPage: true, animations: 'disabled', ...clip });
  await page.close();
}

async function run(args, cwd = ROOT) {
  const child = spawn('node', args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  const lines = [];
  const waiting = new Set();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const look of waiting) look();
    });
  }
  const line = (pattern) =>
    new Promise((found) => {
      const look = () => {
        const match = lines.map((text) => pattern.exec(text)).find((one) => one !== null);
        if (match === undefined) return;
        waiting.delete(look);
        found(match);
      };
      waiting.add(look);
      look();
    });
  return { pid: child.pid, line };
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGINT');
  await ended;
}

function cli(args) {
  const { status } = spawnSync('node', [CLI, ...args], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`prefork ${args.join(' ')} ended with status ${status}`);
}

function program(...names) {
  const { stdout } = spawnSync('sh', ['-c', names.map((name) => `command -v ${name}`).join(' || ')], {
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(`none of ${names.join(', ')} is installed`);
  return stdout.trim();
}
