import express from 'express';

enum Greeting {
  Hello = 'Hello',
}

const app = express();
app.get('/', (_request, response) => {
  response.json({ message: Greeting.Hello, pid: process.pid });
});
app.listen(process.env.PORT);
