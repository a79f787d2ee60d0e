// What Node runs as the zygote's main script.
import { runZygote } from './zygote.js';
import { app, observed } from './zygote-main.js';

runZygote(app, observed).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
