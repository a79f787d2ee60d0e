const restify = require('restify');

const server = restify.createServer();
server.use(restify.plugins.queryParser());
server.get('/hello/:name', (request, response, next) => {
  response.send({ hello: request.params.name, pid: process.pid });
  next();
});
server.listen(process.env.PORT);
