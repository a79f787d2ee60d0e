// The process that `prefork check` starts: it loads the app as a zygote does, and forks two workers that do not serve.

import { runTrial } from './dry-run.js';
import { connects, giveUp, listening, once, options, passed, recording, tell } from './main.js';

const app = process.argv[1] as string;
runTrial({ ...options, app, recording, listening, connects, passed, once, tell, giveUp }).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
