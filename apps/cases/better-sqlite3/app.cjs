const Database = require('better-sqlite3');
const express = require('express');

const db = new Database(`${process.env.DATA}/foobar.db`);
db.pragma('journal_mode = WAL');
db.exec('CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT UNIQUE)');
db.prepare('INSERT OR IGNORE INTO users (name) VALUES (?)').run('Joey');
const find = db.prepare('SELECT * FROM users WHERE id = ?');
const touch = db.prepare('INSERT OR REPLACE INTO users (id, name) VALUES (2, ?)');

const app = express();
app.get('/', (_request, response) => {
  touch.run(`by ${process.pid}`);
  response.json({ user: find.get(1), pid: process.pid });
});
app.listen(process.env.PORT);
