import { httpRate } from './http-rate.js';

export const keepAlive = httpRate({
  id: 'keep-alive',
  title: 'Requests on connections that stay',
  how: '32 clients in another process, each of which asks again on its connection as soon as it has its answer: `wrk -c32 URL` does the same.',
});
