// Its Migrator takes an advisory lock, so that several processes may migrate at once.
import express from 'express';
import { Kysely, Migrator, PostgresDialect } from 'kysely';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
pool.on('error', (error) => console.error(error.message));
const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
const migrations = {
  '001-person': {
    up: async (db) => {
      await db.schema.createTable('person').addColumn('id', 'serial').addColumn('name', 'varchar').execute();
      await db.insertInto('person').values({ name: 'Jennifer' }).execute();
    },
  },
};
const { error } = await new Migrator({ db, provider: { getMigrations: async () => migrations } }).migrateToLatest();
if (error) throw error;

const app = express();
app.get('/', async (_request, response) => {
  const people = await db.selectFrom('person').select(['id', 'name']).execute();
  response.json({ people, pid: process.pid });
});
app.listen(process.env.PORT);
