// Who is compared: how each is started with so many workers, and what it needs that may not be installed.
import { accessSync, constants, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CLUSTER, HTTP_APP, PREFORK } from '../../dist/compare/server.js';

const here = (file) => join(import.meta.dirname, file);

const RUBY = { programs: ['ruby'], install: 'apt-get install ruby' };
const UNICORN = { programs: ['unicorn'], install: 'apt-get install unicorn' };
const PUMA = { programs: ['puma'], install: 'apt-get install puma' };
const GUNICORN = { programs: ['gunicorn'], install: 'apt-get install gunicorn' };
const APACHE = { programs: ['apache2', 'httpd'], install: 'apt-get install apache2-bin' };

/** Where Apache's modules are: Debian, Fedora, Arch, Alpine. */
const APACHE_MODULES = [
  '/usr/lib/apache2/modules',
  '/usr/lib64/httpd/modules',
  '/usr/lib/httpd/modules',
  '/usr/lib/apache2',
];

/**
 * The line echo. Each prints its port in a line that begins with 'Listening on'. Of a contestant:
 * - command: given { program, node, folder, workers }, the words of its command and its environment
 * - needs: the program that may be missing; lacks() says what else is
 * - single: one process, whatever the number of workers
 * - ready: of the line that has the port, where each worker prints one as well
 * - compiles: what it does often is compiled meanwhile
 */
export const ECHO = {
  yardstick: { command: ({ folder, workers }) => [[join(folder, 'prefork'), workers]] },
  'prefork echo': {
    compiles: true,
    command: ({ node, workers }) => [
      [node, PREFORK, 'echo', '--quiet', '--host', '127.0.0.1', '--port', 0, '--workers', workers],
    ],
  },
  'Ruby original': { needs: RUBY, command: ({ program, workers }) => [[program, here('original.rb'), workers]] },
  'plain node': { single: true, compiles: true, command: ({ node }) => [[node, here('echo.mjs')]] },
  'node:cluster': {
    compiles: true,
    ready: /^Listening on .*?:(\d+), children/,
    command: ({ node, workers }) => [[node, CLUSTER, workers, 'round-robin', here('echo.mjs')]],
  },
};

/**
 * HTTP, a small constant answer; each preloads its app if it can, and is given the port as well. Here
 * - closes: why it has no keep-alive
 * - anonymous: it does not answer with its process id in a header
 */
export const HTTP = {
  'prefork start': {
    compiles: true,
    command: ({ node, workers, port }) => [[node, PREFORK, 'start', '--workers', workers, HTTP_APP], { PORT: port }],
  },
  unicorn: {
    needs: UNICORN,
    closes: 'unicorn has no keep-alive',
    command: ({ program, folder, workers, port }) => {
      const config = join(folder, 'unicorn.rb');
      writeFileSync(config, `worker_processes ${workers}\npreload_app true\n`);
      return [[program, '-N', '-c', config, '-l', `127.0.0.1:${port}`, here('hello.ru')]];
    },
  },
  puma: {
    needs: PUMA,
    command: ({ program, workers, port }) => [
      [
        program,
        '--no-config',
        '-e',
        'none',
        '--preload',
        '-w',
        workers,
        '-b',
        `tcp://127.0.0.1:${port}`,
        here('hello.ru'),
      ],
    ],
  },
  'gunicorn sync': {
    needs: GUNICORN,
    closes: "gunicorn's sync worker has no keep-alive",
    command: ({ program, workers, port }) => [
      [program, '--preload', '-w', workers, '-b', `127.0.0.1:${port}`, '--chdir', import.meta.dirname, 'hello:app'],
      { PYTHONDONTWRITEBYTECODE: 1 },
    ],
  },
  'Apache prefork': {
    needs: APACHE,
    anonymous: true,
    lacks: () => apacheModules() === undefined && `mod_mpm_prefork.so is in none of ${APACHE_MODULES.join(', ')}`,
    command: ({ program, folder, workers, port }) => [
      [program, '-d', folder, '-f', apacheConfig(folder, workers, port), '-DFOREGROUND'],
    ],
  },
  'plain node': {
    single: true,
    compiles: true,
    command: ({ node, port }) => [[node, HTTP_APP], { PORT: port }],
  },
  'node:cluster': {
    compiles: true,
    command: ({ node, workers, port }) => [[node, CLUSTER, workers, 'round-robin', HTTP_APP], { PORT: port }],
  },
};

/** What a contestant needs: { program } with its path, or { missing } with the reason. */
export function find({ needs, lacks }) {
  if (needs === undefined) return {};
  const program = needs.programs.map(onPath).find(Boolean);
  if (program === undefined) return { missing: `${needs.programs[0]} is not installed; ${needs.install}` };
  const missing = lacks?.();
  return missing ? { missing } : { program };
}

/** The path of a program; what only root has on its PATH is looked for as well. */
export function onPath(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function apacheModules() {
  return APACHE_MODULES.find((folder) => existsSync(join(folder, 'mod_mpm_prefork.so')));
}

function apacheConfig(folder, workers, port) {
  mkdirSync(join(folder, 'www'), { recursive: true });
  writeFileSync(join(folder, 'www/index.html'), 'hello\n');
  const config = join(folder, 'apache.conf');
  const modules = apacheModules();
  const lines = [
    `LoadModule mpm_prefork_module ${modules}/mod_mpm_prefork.so`,
    `LoadModule authz_core_module ${modules}/mod_authz_core.so`,
    `LoadModule dir_module ${modules}/mod_dir.so`,
    ...(process.getuid() === 0 ? ['User #65534', 'Group #65534'] : []),
    `ServerName localhost`,
    `Listen 127.0.0.1:${port}`,
    `PidFile ${folder}/apache.pid`,
    `ErrorLog ${folder}/apache.log`,
    `DocumentRoot ${folder}/www`,
    ...['ServerLimit', 'MaxRequestWorkers', 'StartServers', 'MinSpareServers', 'MaxSpareServers'].map(
      (name) => `${name} ${workers}`,
    ),
    'MaxKeepAliveRequests 0',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  return config;
}
