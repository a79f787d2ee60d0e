// What Node runs as the zygote's main script.
import { runZygote } from './zygote.js';
import { app, recording } from './zygote-main.js';

runZygote(app, recording).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
