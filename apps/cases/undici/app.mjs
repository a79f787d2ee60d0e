import express from 'express';
import { Pool, request } from 'undici';

const config = await (await request(process.env.CONFIG_URL)).body.json();
const pool = new Pool(process.env.ISSUER_URL);

const app = express();
app.get('/', async (_request, response) => {
  const { body } = await pool.request({ path: '/config.json', method: 'GET' });
  response.json({ config, again: await body.json(), pid: process.pid });
});
app.listen(process.env.PORT);
