import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import postgres from 'postgres';

const sql = postgres(process.env.DATABASE_URL, { max: 4 });
const [{ version }] = await sql`SELECT current_setting('server_version_num') AS version`;

const app = new Hono();
app.get('/', async (c) => {
  const users = await sql`SELECT ${'Murray'} AS name`;
  return c.json({ version, users, pid: process.pid });
});
serve({ fetch: app.fetch, port: Number(process.env.PORT) });
