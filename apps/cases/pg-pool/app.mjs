import express from 'express';
import pg from 'pg';

const pool = new pg.Pool();
pool.on('error', (error) => console.error('Unexpected error on idle client', error.message));

const app = express();
app.get('/', async (_request, response) => {
  const { rows } = await pool.query('SELECT $1::text AS name', ['brianc']);
  response.json({ name: rows[0].name, pid: process.pid });
});
app.listen(process.env.PORT);
