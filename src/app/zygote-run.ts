// What Node runs as the zygote's main script.
import { app, observed, runZygote } from './zygote-main.js';

runZygote(app, observed).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
