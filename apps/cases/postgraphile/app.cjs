const http = require('node:http');
const { postgraphile } = require('postgraphile');

const api = postgraphile(process.env.DATABASE_URL, 'public', { watchPg: false, retryOnInitFail: true });
http
  .createServer((request, response) => {
    if (request.url === '/pid') return response.end(`${process.pid}`);
    api(request, response);
  })
  .listen(process.env.PORT);
