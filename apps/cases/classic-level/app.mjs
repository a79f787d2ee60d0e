// One process at a time may have a database open: each worker has one of its own.
import { ClassicLevel } from 'classic-level';
import express from 'express';

let opening;
async function open() {
  const db = new ClassicLevel(`${process.env.DATA}/db-${process.pid}`, { valueEncoding: 'json' });
  await db.open();
  return db;
}

const app = express();
app.get('/', async (_request, response) => {
  opening ??= open();
  const db = await opening;
  await db.put('a', 1);
  response.json({ a: await db.get('a'), pid: process.pid });
});
app.listen(process.env.PORT);
