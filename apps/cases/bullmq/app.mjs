import { Queue, QueueEvents, Worker } from 'bullmq';
import express from 'express';

const connection = { url: process.env.REDIS_URL };
const queue = new Queue('Paint', { connection });
// From the beginning: what is finished before the first read of events would be missed, and waited for.
const queueEvents = new QueueEvents('Paint', { connection, lastEventId: '0-0' });
const worker = new Worker('Paint', async (job) => `painted in ${job.data.color}`, { connection });
for (const part of [queue, queueEvents, worker]) part.on('error', (error) => console.error(error.message));

const app = express();
app.get('/', async (_request, response) => {
  const job = await queue.add('house', { color: 'white' }, { removeOnComplete: 100 });
  response.json({ result: await job.waitUntilFinished(queueEvents, 5_000) });
});
app.get('/pid', (_request, response) => response.json({ pid: process.pid }));
app.listen(process.env.PORT);
