const express = require('express');
const workerpool = require('workerpool');

const pool = workerpool.pool({ workerType: 'thread', maxWorkers: 2 });
const add = (a, b) => a + b;

pool.exec(add, [3, 4]).then((sum) => {
  const app = express();
  app.get('/', async (_request, response) => {
    response.json({ sum: await pool.exec(add, [sum, 1]), pid: process.pid });
  });
  app.listen(process.env.PORT);
});
