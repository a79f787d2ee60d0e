// How a child of the stress run may end: what it does, and the code or signal that its parent must see.
import { pbkdf2 } from 'node:crypto';
import { Worker } from 'node:worker_threads';

const forever = () => {
  setInterval(() => {}, 1 << 30);
  return new Promise(() => {});
};

// Node 24 and newer may hang, forked or not, when process.exit() meets a Maglev compilation that waits for a garbage
// collection (Node's issue 54918): of 112 fresh processes that end as below, 5 hung.
const EXIT_BEARS_COMPILATIONS = Number.parseInt(process.versions.node, 10) < 24;

export const endings = {
  eventLoopRunsEmpty: { end: () => {}, code: 0 },
  exitCode: {
    end: () => {
      process.exitCode = 5;
    },
    code: 5,
  },
  exit: { end: () => process.exit(7), code: 7 },
  exitFromATimer: {
    end: () => {
      setTimeout(() => process.exit(8), 1);
      return forever();
    },
    code: 8,
  },
  exitWhileAllThreadsWork: {
    end: () => {
      new Worker('for (;;);', { eval: true });
      for (let i = 0; i < 8; i++) pbkdf2('a', 'b', 20_000, 8, 'sha256', () => {});
      for (let i = 0; EXIT_BEARS_COMPILATIONS && i < 20; i++) {
        const hot = new Function('n', `let s = ${i}; for (let i = 0; i < n; i++) s += i ^ ${i}; return s;`);
        for (let j = 0; j < 50; j++) hot(1000);
      }
      setTimeout(() => process.exit(9), 5);
      return forever();
    },
    code: 9,
  },
  uncaughtException: {
    end: () => {
      throw new Error('thrown on purpose');
    },
    code: 1,
  },
  unhandledRejection: { end: () => void Promise.reject(new Error('rejected on purpose')), code: 1 },
  topLevelAwaitNeverSettles: { end: () => new Promise(() => {}), code: 13 },
  abort: { end: () => process.abort(), signal: 'SIGABRT' },
  killItself: {
    end: () => {
      process.kill(process.pid, 'SIGKILL');
      for (;;);
    },
    signal: 'SIGKILL',
  },
  terminate: {
    end: () => {
      process.kill(process.pid, 'SIGTERM');
      return forever();
    },
    signal: 'SIGTERM',
  },
};
