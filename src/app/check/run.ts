// The process that `prefork check` starts: it loads the app as a zygote does, and forks two workers that do not serve.
import { writeAll } from '../../posix/index.js';
import { listening, options, recording } from './main.js';
import type { CheckMessage } from './messages.js';
import { runTrial } from './trial.js';

const app = process.argv[1] as string;
const tell = (message: CheckMessage) => writeAll(options.fd, `${JSON.stringify(message)}\n`);
runTrial({ ...options, app, recording, listening, tell }).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
