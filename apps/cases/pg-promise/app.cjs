const polka = require('polka');
const pgp = require('pg-promise')();

const db = pgp(process.env.DATABASE_URL);
db.connect().then((connection) => {
  connection.done();
  polka()
    .get('/', async (_request, response) => {
      try {
        const { value } = await db.one('SELECT $1 AS value', 123);
        response.end(JSON.stringify({ value, pid: process.pid }));
      } catch (error) {
        response.writeHead(500).end(error.message);
      }
    })
    .listen(process.env.PORT);
});
