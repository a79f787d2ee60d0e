require('elastic-apm-node').start({
  serviceName: 'app',
  serverUrl: 'http://127.0.0.1:1',
  logLevel: 'off',
  centralConfig: false,
  cloudProvider: 'none',
  metricsInterval: '1s',
});
const express = require('express');

const app = express();
app.get('/', (_request, response) => response.json({ pid: process.pid }));
app.listen(process.env.PORT);
