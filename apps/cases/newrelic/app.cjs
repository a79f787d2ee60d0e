require('newrelic');
const express = require('express');

const app = express();
app.get('/', (_request, response) => response.json({ pid: process.pid }));
app.listen(process.env.PORT);
