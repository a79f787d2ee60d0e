import express from 'express';
import { QueryTypes, Sequelize } from 'sequelize';

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false });
await sequelize.authenticate();

const app = express();
app.get('/', async (_request, response) => {
  const rows = await sequelize.query('SELECT :n * 2 AS product', { replacements: { n: 21 }, type: QueryTypes.SELECT });
  response.json({ rows, pid: process.pid });
});
app.listen(process.env.PORT);
