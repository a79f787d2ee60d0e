import { httpRate } from './http-rate.js';

export const connectionPerRequest = httpRate({
  id: 'connection-per-request',
  title: 'A connection for each request',
  perConnection: 1,
  how: '32 clients in another process, each of which connects, asks with `Connection: close`, reads the answer to its end and begins again: `wrk -c32 -H "Connection: close" URL` does the same.',
});
