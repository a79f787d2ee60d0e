import express from 'express';
import { FixedThreadPool } from 'poolifier';

const pool = new FixedThreadPool(2, new URL('./worker.mjs', import.meta.url).pathname, {
  errorHandler: (error) => console.error(error),
});

const app = express();
app.get('/', async ({ query }, response) => {
  response.json({ sum: await pool.execute({ a: Number(query.a), b: Number(query.b) }), pid: process.pid });
});
app.listen(process.env.PORT);
