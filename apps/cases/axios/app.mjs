import { Agent } from 'node:http';
import axios from 'axios';
import express from 'express';

const client = axios.create({ baseURL: process.env.ISSUER_URL, httpAgent: new Agent({ keepAlive: true }) });
const { data: config } = await client.get('/config.json');

const app = express();
app.get('/', async (_request, response) => {
  const { data } = await client.get('/config.json');
  response.json({ config, again: data, pid: process.pid });
});
app.listen(process.env.PORT);
