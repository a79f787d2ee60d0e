import { isWrapped } from '@opentelemetry/instrumentation';
import express from 'express';

const app = express();
app.get('/', (_request, response) => {
  // The hooks have changed express, which an ESM app imports.
  response.json({ instrumented: isWrapped(express.application.use), pid: process.pid });
});
app.listen(process.env.PORT);
