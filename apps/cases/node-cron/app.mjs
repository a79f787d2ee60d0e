import express from 'express';
import cron from 'node-cron';

let ran = () => {};
const hasRun = new Promise((resolve) => {
  ran = resolve;
});
cron.schedule('* * * * * *', () => ran());

const app = express();
app.get('/', async (_request, response) => {
  await hasRun; // Within a second, in each worker.
  response.json({ ran: true, pid: process.pid });
});
app.listen(process.env.PORT);
