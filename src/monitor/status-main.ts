// The status page's process: it has no rights, and knows what the monitor tells it.
import { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { setCloseOnExec, write } from '../posix/index.js';
import { HistoryRing, serveStatusFrom } from '../status/index.js';
import { eventLog } from './log.js';
import { STATUS_VARIABLE, type StatusLaunch, type Told } from './status-launch.js';

/** How long the monitor may take to answer. */
const ANSWER_TIMEOUT_MS = 5000;

const { channelFd, askFd, listenerFd, host, log } = JSON.parse(process.env[STATUS_VARIABLE] ?? '') as StatusLaunch;
for (const fd of [channelFd, askFd, listenerFd]) setCloseOnExec(fd, true);
process.title = 'prefork: status';
// What is sent to all processes of the service is the monitor's to act on.
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'] as const) process.on(signal, () => {});

const channel = new Socket({ fd: channelFd });
channel.on('error', () => {}).on('close', () => process.exit(0)); // The monitor is gone.
const history = new HistoryRing();
const waiting = new Set<(told: Told) => void>();
createInterface({ input: channel }).on('line', (line) => {
  const told = JSON.parse(line) as Told;
  for (const point of told.history.points) history.add(point);
  for (const take of waiting) take(told);
  waiting.clear();
});

/** Asks the monitor; those who ask at the same time get one answer. */
function ask(): Promise<Told> {
  return new Promise((resolve, reject) => {
    if (waiting.size === 0) write(askFd, '?');
    const late = setTimeout(() => {
      waiting.delete(take);
      reject(new Error('the monitor does not answer'));
    }, ANSWER_TIMEOUT_MS);
    const take = (told: Told) => {
      clearTimeout(late);
      resolve(told);
    };
    waiting.add(take);
  });
}

await serveStatusFrom({
  ...{ listenerFd, host, pid: process.ppid },
  status: async () => {
    const { status, error } = await ask();
    if (status === undefined) throw new Error(error);
    return status;
  },
  history: async () => {
    await ask();
    return history.since();
  },
  alive: async () => void (await ask()),
  warn: (message) => eventLog(log)({ type: 'warning', message }),
});
