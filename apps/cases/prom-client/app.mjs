import express from 'express';
import client from 'prom-client';

client.collectDefaultMetrics();
const counter = new client.Counter({ name: 'requests_total', help: 'Requests' });

const app = express();
app.get('/metrics', async (_request, response) => {
  response.set('Content-Type', client.register.contentType);
  response.end(await client.register.metrics());
});
app.get('/', (_request, response) => {
  counter.inc();
  response.json({ pid: process.pid });
});
app.listen(process.env.PORT);
