// The process that `prefork check` starts: it loads the app as a zygote does, and forks two workers that do not serve.

import { dryRun } from './dry-run.js';
import { app, monitor, observed } from './main.js';

dryRun(app, observed, monitor).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
