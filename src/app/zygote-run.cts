// What Node runs as the zygote's main script.
import program = require('../node/program.cjs');

type ZygoteMain = typeof import('./zygote-main.js', { with: { 'resolution-mode': 'import' }});

delete process.mainModule; // The app's libraries ask for the app by it, and find nothing where that is an ES module.
const { app, observed, runZygote } = program.load(`${__dirname}/zygote-main.cjs`) as ZygoteMain;
runZygote(app, observed).catch((error) => {
  setImmediate(() => {
    throw error;
  });
});
