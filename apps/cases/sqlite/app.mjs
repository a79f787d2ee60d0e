import { createServer } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(join(process.env.DATA, 'app.db'));
database.exec("CREATE TABLE IF NOT EXISTS names (name TEXT UNIQUE); INSERT OR IGNORE INTO names VALUES ('sqlite')");
const select = database.prepare('SELECT name FROM names');
createServer((_request, response) => {
  response.end(JSON.stringify({ ...select.get(), pid: process.pid }));
}).listen(process.env.PORT);
