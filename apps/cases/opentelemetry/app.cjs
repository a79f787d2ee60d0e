const express = require('express');

const app = express();
app.get('/', (_request, response) => response.json({ pid: process.pid }));
app.get('/spans', async (_request, response) => {
  globalThis.exporter.reset();
  await (await fetch(`http://127.0.0.1:${process.env.PORT}/`)).text();
  await new Promise((resolve) => setTimeout(resolve, 50));
  // Its own request as a client, at least; a sibling may have answered it.
  const spans = globalThis.exporter.getFinishedSpans().map(({ kind }) => kind);
  response.json({ client: spans.includes(2) });
});
app.listen(process.env.PORT);
