import { createServer } from 'node:http';
import { createHttpTerminator } from 'http-terminator';

const server = createServer((_request, response) => response.end(JSON.stringify({ pid: process.pid })));
const terminator = createHttpTerminator({ server });
server.listen(process.env.PORT);
process.on('SIGTERM', async () => {
  await terminator.terminate();
  process.exit(0);
});
