const express = require('express');
const Memcached = require('memcached');

const memcached = new Memcached(process.env.MEMCACHED_SERVERS, { retries: 1, retry: 100 });
memcached.set('foo', 'bar', 0, (error) => {
  if (error) throw error;
  const app = express();
  app.get('/', (_request, response, next) => {
    memcached.set('foo', 'bar', 0, (error) => {
      if (error) return next(error);
      memcached.get('foo', (error, data) => (error ? next(error) : response.json({ data, pid: process.pid })));
    });
  });
  app.listen(process.env.PORT);
});
