import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, varchar } from 'drizzle-orm/pg-core';
import express from 'express';

const users = pgTable('users', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: varchar({ length: 255 }).notNull().unique(),
});
const db = drizzle(process.env.DATABASE_URL);
db.$client.on('error', (error) => console.error(error.message));
// What its migrations would do.
await db.execute(sql`SELECT pg_advisory_lock(1)`);
await db.execute(
  sql`CREATE TABLE IF NOT EXISTS users (id integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name varchar(255) UNIQUE)`,
);
await db.insert(users).values({ name: 'dan' }).onConflictDoNothing();
await db.execute(sql`SELECT pg_advisory_unlock_all()`);

const app = express();
app.get('/', async (_request, response) => {
  const found = await db.select({ name: users.name }).from(users).where(eq(users.name, 'dan'));
  response.json({ found, pid: process.pid });
});
app.listen(process.env.PORT);
