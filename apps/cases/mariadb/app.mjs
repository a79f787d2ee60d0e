import express from 'express';
import mariadb from 'mariadb';

const pool = mariadb.createPool({
  host: process.env.MYSQL_HOST,
  port: process.env.MYSQL_PORT,
  user: process.env.MYSQL_USER,
  password: process.env.MYSQL_PASSWORD,
  database: process.env.MYSQL_DATABASE,
  connectionLimit: 3,
});
const [{ name }] = await pool.query('SELECT database() AS name');

const app = express();
app.get('/', async (_request, response) => {
  const [{ val }] = await pool.query('SELECT 1 AS val');
  response.json({ name, val, pid: process.pid });
});
app.listen(process.env.PORT);
