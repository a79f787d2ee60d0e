import { createServer } from 'node:http';
import { createTerminus } from '@godaddy/terminus';

const server = createServer((_request, response) => response.end(JSON.stringify({ pid: process.pid })));
createTerminus(server, {
  signal: 'SIGTERM',
  healthChecks: { '/healthcheck': async () => ({ fine: true }) },
  onSignal: async () => console.log('cleaned up'),
});
server.listen(process.env.PORT);
