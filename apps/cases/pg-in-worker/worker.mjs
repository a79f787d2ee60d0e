// The client has no handler for its errors: when the database ends, so do the Worker and the process.
import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { Client } from 'pg';

const client = new Client({ connectionTimeoutMillis: 10_000 });
const connected = client.connect();

Comlink.expose(
  {
    async countTables() {
      await connected;
      return (await client.query('SELECT count(*)::int AS count FROM pg_tables')).rows[0].count;
    },
    async say(message) {
      return (await client.query('SELECT $1::text AS message', [message])).rows[0].message;
    },
  },
  nodeEndpoint(parentPort),
);
