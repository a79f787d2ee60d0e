import express from 'express';
import memjs from 'memjs';

const client = memjs.Client.create(process.env.MEMCACHED_SERVERS);

const app = express();
app.get('/', async (_request, response) => {
  await client.set('hello', 'world', { expires: 600 });
  const { value } = await client.get('hello');
  response.json({ value: value.toString(), pid: process.pid });
});
app.listen(process.env.PORT);
