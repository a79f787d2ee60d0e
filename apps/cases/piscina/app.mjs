import express from 'express';
import Piscina from 'piscina';

const piscina = new Piscina({ filename: new URL('./worker.mjs', import.meta.url).href, minThreads: 1, maxThreads: 2 });

const app = express();
app.get('/', async ({ query }, response) => {
  response.json({ sum: await piscina.run({ a: Number(query.a), b: Number(query.b) }), pid: process.pid });
});
app.listen(process.env.PORT);
