const path = require('node:path');
const Bree = require('bree');
const express = require('express');

let runs = 0;
let ran;
const first = new Promise((resolve) => {
  ran = resolve;
});
const bree = new Bree({
  jobs: [{ name: 'count', path: path.join(__dirname, 'jobs/count.cjs'), timeout: 0, interval: '1s' }],
  logger: false,
  workerMessageHandler: () => {
    runs++;
    ran();
  },
});

bree.start().then(() => {
  const app = express();
  app.get('/', async (_request, response) => {
    await first;
    response.json({ hasRun: runs > 0, pid: process.pid });
  });
  app.listen(process.env.PORT);
});
