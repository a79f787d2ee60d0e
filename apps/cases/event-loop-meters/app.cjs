const http = require('node:http');
const toobusy = require('toobusy-js');
const NodeCache = require('node-cache');

const cache = new NodeCache({ stdTTL: 100, checkperiod: 1 });
cache.set('name', 'cached');
http
  .createServer((_request, response) => {
    toobusy();
    response.end(JSON.stringify({ name: cache.get('name'), pid: process.pid }));
  })
  .listen(process.env.PORT);
