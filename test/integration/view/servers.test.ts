// Servers of others, as they are: what their processes are called, and which of them has a client.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { connect } from '../../helpers/client.js';
import { temporaryFolder } from '../../helpers/folder.js';
import { type Running, start } from '../../helpers/process.js';
import { testWith } from '../../helpers/programs.js';
import { count, ViewPage } from '../../helpers/view.js';

const view = new ViewPage();
const { page } = view;

/** An address of this process's own: neither server takes port 0. */
const HOST = `127.77.${(process.pid >> 8) & 255}.${process.pid & 255}`;
const PORT = 8080;

const nginx = (folder: string) => `
  daemon off; worker_processes 2; pid ${folder}/pid; error_log stderr; ${isRoot() ? 'user nobody nogroup;' : ''}
  events { worker_connections 32; }
  http {
    access_log off;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ')}
    server { listen ${HOST}:${PORT}; return 200 hello; }
  }`;

const apache = (folder: string) => `
  ServerName localhost
  PidFile ${folder}/pid
  DefaultRuntimeDir ${folder}
  ErrorLog ${folder}/log
  LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
  StartServers 3
  MinSpareServers 1
  MaxSpareServers 3
  MaxRequestWorkers 3
  ${isRoot() ? 'User nobody\n  Group nogroup' : ''}
  Listen ${HOST}:${PORT}`;

function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * Starts a server in the foreground. Its workers may hide from what kills a test's leftovers, and so it ends them; Apache
 * does so by its process group.
 */
async function startServer(program: string, config: (folder: string) => string, flags: string[]): Promise<Running> {
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const file = join(folder, 'server.conf');
  writeFileSync(file, config(folder));
  const server = await start(program, [...flags, file], { cwd: folder, group: true });
  onTestFinished(async () => {
    process.kill(server.pid, 'SIGTERM');
    await server.exit;
  });
  return server;
}

const titles = "[...document.querySelectorAll('.sentences tr[data-pid] th')].map((th) => th.textContent)";
const without = (text: string) => text.replace(/ \d+$/, '');

async function watch(server: Running, processes: number): Promise<string[]> {
  await view.open(`${server.pid}`);
  await page.until(`${titles}.length === ${processes} && document.body.innerText.includes('${HOST}:${PORT}')`);
  return (await page.evaluate<string[]>(titles)).map(without);
}

testWith('chromium', 'nginx')(
  'nginx: the master and its workers, by the titles that they give themselves',
  async () => {
    const server = await startServer('nginx', nginx, ['-e', 'stderr', '-c']);
    expect(await watch(server, 3)).toEqual(['nginx: master process', 'nginx: worker process', 'nginx: worker process']);
    const client = await connect({ host: HOST, port: PORT });
    await page.until(`${count('tr.serving')} === 1 && ${count('.chip')} === 1`);
    expect(await page.evaluate("document.querySelector('tr.serving th').textContent")).toMatch(
      /^nginx: worker process/,
    );
    client.socket.destroy();
    await page.until(`${count('.chip')} === 0`);
  },
);

testWith('chromium', 'apache2')('Apache: the parent and its children, of which one gets a client', async () => {
  const server = await startServer('apache2', apache, ['-DFOREGROUND', '-f']);
  expect(await watch(server, 4)).toEqual(['apache2: parent', ...Array(3).fill('apache2: child')]);
  const client = await connect({ host: HOST, port: PORT });
  client.send('GET / HTTP/1.1\r\n'); // Before it has said something it is not accepted (TCP_DEFER_ACCEPT).
  await page.until(`${count('tr.serving')} === 1 && ${count('.chip')} === 1`);
  expect(await page.evaluate("document.querySelector('tr.serving th').textContent")).toMatch(/^apache2: child/);
  client.socket.destroy();
  await page.until(`${count('.chip')} === 0`);
});
