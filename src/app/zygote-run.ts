// What Node runs as the zygote's main script.
import { runZygote } from './zygote.js';
import { app, recording, threads } from './zygote-main.js';

runZygote(app, recording, threads).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
