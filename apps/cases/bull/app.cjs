const http = require('node:http');
const Queue = require('bull');

const queue = new Queue('greetings', process.env.REDIS_URL);
queue.on('error', (error) => console.error(error.message));
queue.process(async (job) => `hello ${job.data.name}`);
http
  .createServer(async (_request, response) => {
    const job = await queue.add({ name: 'bull' });
    response.end(JSON.stringify({ result: await job.finished(), pid: process.pid }));
  })
  .listen(process.env.PORT);
