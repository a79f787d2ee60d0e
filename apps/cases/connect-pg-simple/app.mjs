import connect from 'connect-pg-simple';
import express from 'express';
import session from 'express-session';
import pg from 'pg';

const pool = new pg.Pool();
pool.on('error', (error) => console.error(error.message));
const Store = connect(session);
const app = express();
app.use(
  session({
    store: new Store({ pool, createTableIfMissing: true, errorLog: () => {} }),
    secret: 'keyboard cat',
    resave: false,
    saveUninitialized: true,
  }),
);
app.get('/', (request, response) => {
  request.session.views = (request.session.views ?? 0) + 1;
  response.json({ views: request.session.views, pid: process.pid });
});
app.listen(process.env.PORT);
