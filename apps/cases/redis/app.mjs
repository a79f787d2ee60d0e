import Koa from 'koa';
import { createClient } from 'redis';

const client = await createClient({ url: process.env.REDIS_URL })
  .on('error', (error) => console.log('Redis Client Error', error.message))
  .connect();

const app = new Koa();
app.use(async (ctx) => {
  await client.set('key', 'value');
  ctx.body = { value: await client.get('key'), pid: process.pid };
});
app.listen(process.env.PORT);
