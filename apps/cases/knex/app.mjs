import Fastify from 'fastify';
import knex from 'knex';

const db = knex({ client: 'pg', connection: process.env.DATABASE_URL, pool: { min: 0, max: 4 } });
if (!(await db.schema.hasTable('users'))) {
  await db.schema.createTableIfNotExists('users', (table) => {
    table.increments('id');
    table.string('name').unique();
  });
}
await db('users').insert({ name: 'ada' }).onConflict('name').ignore();

const fastify = Fastify();
fastify.get('/', async () => {
  const users = await db('users').select('name').where('name', 'ada');
  return { users, pid: process.pid };
});
await fastify.listen({ port: process.env.PORT, host: '127.0.0.1' });
