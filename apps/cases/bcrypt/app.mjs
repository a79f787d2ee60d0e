import bcrypt from 'bcrypt';
import express from 'express';

const saltRounds = 4;
const hash = await bcrypt.hash('s0/P4$$w0rD', saltRounds);

const app = express();
app.get('/', async (_request, response) => {
  const right = await bcrypt.compare('s0/P4$$w0rD', hash);
  const other = await bcrypt.compare('not_bacon', await bcrypt.hash('bacon', saltRounds));
  response.json({ right, other, pid: process.pid });
});
app.listen(process.env.PORT);
