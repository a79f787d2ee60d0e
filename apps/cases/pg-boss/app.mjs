import express from 'express';
import PgBoss from 'pg-boss';

const boss = new PgBoss(process.env.DATABASE_URL);
boss.on('error', (error) => console.error(error.message));
await boss.start();
await boss.createQueue('readme-queue');
await boss.work('readme-queue', { pollingIntervalSeconds: 0.5 }, async ([job]) => ({ got: job.data.arg }));

const app = express();
app.get('/', async (_request, response) => {
  const id = await boss.send('readme-queue', { arg: 'read me' });
  const deadline = Date.now() + 10_000;
  let job;
  do {
    await new Promise((resolve) => setTimeout(resolve, 50));
    job = await boss.getJobById('readme-queue', id);
  } while (job?.state !== 'completed' && Date.now() < deadline);
  response.json({ state: job?.state, output: job?.output });
});
app.get('/pid', (_request, response) => response.json({ pid: process.pid }));
app.listen(process.env.PORT);
