// The client has no handler for its errors: when the database ends, so does the process.
import { createServer } from 'node:http';
import { Client } from 'pg';

const client = await new Client().connect();

createServer(async (_request, response) => {
  const { rows } = await client.query('SELECT $1::text AS message', ['Hello world!']);
  response.end(JSON.stringify({ message: rows[0].message, pid: process.pid }));
}).listen(process.env.PORT);
