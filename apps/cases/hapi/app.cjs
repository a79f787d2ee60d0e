'use strict';

const Hapi = require('@hapi/hapi');

const init = async () => {
  const server = Hapi.server({ port: process.env.PORT, host: 'localhost' });
  server.route({ method: 'GET', path: '/', handler: () => ({ pid: process.pid }) });
  server.route({ method: 'GET', path: '/hello/{name}', handler: (request) => `Hello ${request.params.name}!` });
  await server.start();
  console.log('Server running on %s', server.info.uri);
};

process.on('unhandledRejection', (err) => {
  console.log(err);
  process.exit(1);
});

init();
