import express from 'express';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
pool.on('error', (error) => console.error('Unexpected error on idle client', error.message));
const { rows: settings } = await pool.query("SELECT name FROM pg_settings WHERE name = 'max_connections'");

const app = express();
app.get('/', async (_request, response) => {
  const { rows } = await pool.query('SELECT 1 + 1 AS sum');
  response.json({ settings, sum: rows[0].sum, pid: process.pid });
});
app.listen(process.env.PORT);
