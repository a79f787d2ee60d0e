import express from 'express';
import mysql from 'mysql2/promise';

const pool = mysql.createPool({ uri: process.env.MYSQL_URL, connectionLimit: 5 });

const app = express();
app.get('/', async (_request, response) => {
  const [rows] = await pool.query('SELECT database() AS name');
  response.json({ rows, pid: process.pid });
});
app.listen(process.env.PORT);
