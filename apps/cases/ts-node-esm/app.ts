import express, { type Request, type Response } from 'express';
import { greet } from './greet.js';

const app = express();
app.get('/', (_request: Request, response: Response) => {
  response.json({ message: greet('ts-node'), pid: process.pid });
});
app.listen(process.env.PORT);
