import 'reflect-metadata';
import express from 'express';
import { DataSource, EntitySchema } from 'typeorm';

const Post = new EntitySchema({
  name: 'Post',
  columns: { id: { type: Number, primary: true, generated: true }, title: { type: String } },
});
const AppDataSource = new DataSource({
  type: 'postgres',
  url: process.env.DATABASE_URL,
  entities: [Post],
  logging: false,
});
await AppDataSource.initialize();

const app = express();
app.get('/', async (_request, response) => {
  const [{ count }] = await AppDataSource.query('SELECT count(*) FROM pg_database WHERE datname = $1', ['app']);
  response.json({ count, entity: AppDataSource.getMetadata(Post).tableName, pid: process.pid });
});
app.listen(process.env.PORT);
