import { createClient } from '@libsql/client';
import express from 'express';

const client = createClient({ url: `file:${process.env.DATA}/local.db` });
await client.execute('CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT)');
await client.execute("INSERT OR IGNORE INTO users VALUES (1, 'Iku')");

const app = express();
app.get('/', async (_request, response) => {
  const { rows } = await client.execute('SELECT name FROM users');
  response.json({ rows, pid: process.pid });
});
app.listen(process.env.PORT);
