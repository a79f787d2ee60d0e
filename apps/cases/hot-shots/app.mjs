import { createServer } from 'node:http';
import StatsD from 'hot-shots';

const statsd = new StatsD({ host: '127.0.0.1', port: 8125, maxBufferSize: 1000, bufferFlushInterval: 200 });
statsd.increment('starts');
createServer((_request, response) => {
  statsd.increment('requests');
  response.end(JSON.stringify({ pid: process.pid }));
}).listen(process.env.PORT);
