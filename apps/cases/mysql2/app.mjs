import express from 'express';
import mysql from 'mysql2/promise';

const connection = await mysql.createConnection(process.env.MYSQL_URL);

const app = express();
app.get('/', async (_request, response) => {
  const [rows] = await connection.execute('SELECT ? + 1 AS next', [41]);
  response.json({ rows, pid: process.pid });
});
app.listen(process.env.PORT);
