import { binding } from '../posix/binding.js';
import * as cluster from '../tutorial/cluster/server.js';
import { openListener } from '../tutorial/echo/listener.js';
import * as prefork from '../tutorial/echo/server.js';
import type { EchoOptions } from '../tutorial/event-loop/options.js';
import * as eventLoop from '../tutorial/event-loop/process.js';
import { defineCommand, integer, UsageError } from './command.js';

const PORT = '12345';

/** The same server in four ways, each from its start to its exit status. */
const MODELS: Readonly<Record<string, (options: EchoOptions, workers: number) => Promise<number>>> = {
  prefork: async (options, workers) => {
    const listener = await openListener(options.address, options.backlog);
    try {
      return await prefork.runServer({ ...options, listener: listener.fd, address: listener.address, workers });
    } finally {
      listener.path?.remove();
    }
  },
  cluster: (options, workers) => cluster.runServer(options, { workers, scheduling: 'round-robin' }),
  'cluster-none': (options, workers) => cluster.runServer(options, { workers, scheduling: 'none' }),
  'event-loop': (options) => eventLoop.runServer(options),
};
const DAY = 86_400;

export const echo = defineCommand({
  name: 'echo',
  summary: 'Run the finished prefork server: children that each echo the lines of one client at a time',
  anywhere: true,
  options: {
    model: {
      type: 'string',
      short: 'm',
      default: 'prefork',
      placeholder: 'name',
      help: 'for comparison: cluster (node:cluster, the primary accepts), cluster-none (its workers accept), event-loop (one process)',
    },
    workers: { type: 'string', short: 'w', default: '3', placeholder: 'number', help: 'how many children to fork' },
    port: {
      type: 'string',
      short: 'p',
      default: PORT,
      placeholder: 'number',
      help: 'the TCP port; 0 takes any free one',
    },
    host: {
      type: 'string',
      placeholder: 'name',
      help: 'the name or address to listen on (default: all, IPv6 and IPv4)',
    },
    path: { type: 'string', help: 'listen on a unix socket at this path instead' },
    backlog: { type: 'string', default: '511', placeholder: 'number', help: 'how many clients may wait in the kernel' },
    'write-timeout': {
      type: 'string',
      default: '30',
      placeholder: 'seconds',
      help: 'hang up on a client that does not read for so long; 0 for never',
    },
    'idle-timeout': {
      type: 'string',
      default: '0',
      placeholder: 'seconds',
      help: 'hang up on a client that sends nothing for so long; 0 for never',
    },
    quiet: { type: 'boolean', short: 'q', help: 'do not log clients and lines' },
    view: { type: 'boolean', help: 'show it live in a browser, too: see prefork view' },
  },
  async run({ values }) {
    if (values.path !== undefined && (values.host !== undefined || values.port !== PORT)) {
      throw new UsageError('--path listens on a unix socket, --host and --port on TCP; choose one');
    }
    const serve = MODELS[values.model];
    if (serve === undefined) {
      throw new UsageError(`--model must be ${Object.keys(MODELS).join(', ')}, not '${values.model}'`);
    }
    if (values.view || values.model === 'prefork') binding(); // It says why where there is no fork.
    const workers = integer('--workers', values.workers, 1, 1024);
    const { path, host } = values;
    const port = integer('--port', values.port, 0, 65535);
    const options: EchoOptions = {
      address: path === undefined ? { port, ...(host !== undefined && { host }) } : { path },
      backlog: integer('--backlog', values.backlog, 1, 65535),
      limits: {
        write: integer('--write-timeout', values['write-timeout'], 0, DAY) * 1000,
        idle: integer('--idle-timeout', values['idle-timeout'], 0, DAY) * 1000,
      },
      quiet: values.quiet ?? false,
    };
    return values.view ? (await import('./echo-view.js')).viewEcho(values) : serve(options, workers);
  },
});
