import { createServer } from 'node:http';
import { run } from 'graphile-worker';

const done = new Map();
const runner = await run({
  connectionString: process.env.DATABASE_URL,
  concurrency: 2,
  noHandleSignals: true,
  pollInterval: 100,
  taskList: { hello: async ({ id }) => done.set(id, `done by ${process.pid}`) },
});

createServer(async (_request, response) => {
  await runner.addJob('hello', { id: process.pid });
  response.end(JSON.stringify({ pid: process.pid }));
}).listen(process.env.PORT);

process.once('SIGTERM', async () => {
  await runner.stop();
  process.exit();
});
