// Makes this process the one that `prefork check` examines, before any of the app's code runs: see run.ts.
import { resolve } from 'node:path';
import { AppProcess } from '../../app/app-process.js';
import { enterApp } from '../../app/enter-app.js';
import { dieWithMonitor } from '../../app/parent-death.js';
import { setCloseOnExec } from '../../posix/index.js';
import { defaults } from '../../settings/index.js';
import { FakeMonitor } from './fake-monitor.js';
import { type CheckOptions, VARIABLE } from './messages.js';

const { fd, checker, ...options } = JSON.parse(process.env[VARIABLE] ?? '') as CheckOptions;
delete process.env[VARIABLE];
setCloseOnExec(fd, true);
dieWithMonitor(checker); // The app may compute for ever.
const appPath = process.argv[2] as string;
process.argv[2] = resolve(appPath);

export const monitor = new FakeMonitor(fd);
export const app = new AppProcess(
  {
    ...defaults(),
    ...options,
    monitor: checker,
    generation: 1,
    app: process.argv[2],
    appPath,
    hasOverrides: false,
    inherited: [],
    hasSupervisor: false,
  },
  { stopping: false },
  monitor,
);
export const observed = enterApp(app);
