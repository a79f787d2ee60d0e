import argon2 from 'argon2';
import express from 'express';

const options = { memoryCost: 1024, timeCost: 2 };
const hash = await argon2.hash('password', options);

const app = express();
app.get('/', async (_request, response) => {
  response.json({
    right: await argon2.verify(hash, 'password'),
    wrong: await argon2.verify(hash, 'x'),
    pid: process.pid,
  });
});
app.listen(process.env.PORT);
