import { writeFileSync } from 'node:fs';
import chokidar from 'chokidar';
import express from 'express';

const folder = process.env.DATA;
const seen = new Set();
const watcher = chokidar.watch(folder).on('all', (_event, path) => seen.add(path));

const app = express();
app.get('/', async (_request, response) => {
  const path = `${folder}/${Math.random()}.txt`;
  writeFileSync(path, 'new');
  const deadline = Date.now() + 5_000;
  while (!seen.has(path) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  response.json({ seen: seen.has(path), pid: process.pid });
});
watcher.on('ready', () => app.listen(process.env.PORT));
