const http = require('node:http');
const httpProxy = require('http-proxy');

const proxy = httpProxy.createProxyServer({ target: process.env.ISSUER_URL });
proxy.on('error', (error, _request, response) => response.writeHead(502).end(error.code));

http
  .createServer((request, response) => {
    if (request.url === '/pid') return response.end(`${process.pid}`);
    proxy.web(request, response);
  })
  .listen(process.env.PORT);
