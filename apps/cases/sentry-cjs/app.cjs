const Sentry = require('@sentry/node');

Sentry.init({ dsn: 'http://public@127.0.0.1:1/1', tracesSampleRate: 1.0 });

const express = require('express');

const app = express();
app.get('/', (_request, response) => response.json({ enabled: Sentry.isInitialized(), pid: process.pid }));
Sentry.setupExpressErrorHandler(app);
app.listen(process.env.PORT);
