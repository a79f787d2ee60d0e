import { DuckDBInstance } from '@duckdb/node-api';
import express from 'express';

const instance = await DuckDBInstance.create(':memory:');
const connection = await instance.connect();
await connection.run('CREATE TABLE numbers AS SELECT range AS n FROM range(1000)');

const app = express();
app.get('/', async (_request, response) => {
  const reader = await connection.runAndReadAll('SELECT sum(n)::INTEGER AS sum FROM numbers');
  response.json({ rows: reader.getRowsJson(), pid: process.pid });
});
app.listen(process.env.PORT);
