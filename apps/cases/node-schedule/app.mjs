import express from 'express';
import schedule from 'node-schedule';

let ran = () => {};
const hasRun = new Promise((resolve) => {
  ran = resolve;
});
schedule.scheduleJob('* * * * * *', () => ran());

const app = express();
app.get('/', async (_request, response) => {
  await hasRun; // Within a second, in each worker.
  response.json({ ran: true, pid: process.pid });
});
app.listen(process.env.PORT);
