import * as Sentry from '@sentry/node';
import express from 'express';

const app = express();
app.get('/', (_request, response) => response.json({ enabled: Sentry.isInitialized(), pid: process.pid }));
app.get('/debug-sentry', () => {
  throw new Error('My first Sentry error!');
});
Sentry.setupExpressErrorHandler(app);
app.listen(process.env.PORT);
