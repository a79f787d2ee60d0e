import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';

const redisClient = createClient({ url: process.env.REDIS_URL });
redisClient.on('error', (error) => console.error(error.message));
redisClient.connect().catch(console.error);

const app = express();
app.use(
  session({
    store: new RedisStore({ client: redisClient, prefix: 'myapp:' }),
    resave: false,
    saveUninitialized: false,
    secret: 'keyboard cat',
  }),
);
app.get('/', (request, response) => {
  request.session.views = (request.session.views ?? 0) + 1;
  response.json({ views: request.session.views, pid: process.pid });
});
app.listen(process.env.PORT);
