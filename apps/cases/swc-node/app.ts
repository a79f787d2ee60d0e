import { createServer } from 'node:http';

const name: string = 'swc';
createServer((_request, response) => response.end(JSON.stringify({ name, pid: process.pid }))).listen(process.env.PORT);
