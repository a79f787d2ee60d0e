import { createServer } from 'node:http';
import KeyvRedis from '@keyv/redis';
import Keyv from 'keyv';

const keyv = new Keyv(new KeyvRedis(process.env.REDIS_URL));
keyv.on('error', (error) => console.error(error.message));
await keyv.set('greeting', 'hello');
createServer(async (_request, response) => {
  await keyv.set('greeting', 'hello');
  response.end(JSON.stringify({ greeting: await keyv.get('greeting'), pid: process.pid }));
}).listen(process.env.PORT);
