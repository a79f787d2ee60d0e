// The smallest http app.
import { createServer } from 'node:http';

createServer((_request, response) => {
  response.setHeader('pid', process.pid);
  response.end('hello\n');
}).listen(Number(process.env.PORT), '127.0.0.1');
