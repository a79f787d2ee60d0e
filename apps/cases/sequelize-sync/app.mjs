import express from 'express';
import { DataTypes, Sequelize } from 'sequelize';

const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false });
const User = sequelize.define(
  'User',
  { username: { type: DataTypes.STRING, primaryKey: true } },
  { timestamps: false },
);
await sequelize.sync();
await User.upsert({ username: 'janedoe' });

const app = express();
app.get('/', async (_request, response) => response.json({ users: await User.findAll(), pid: process.pid }));
app.listen(process.env.PORT);
