// The http app of the comparison: an ordinary program, the same for every model. PORT says where it listens.
import { createServer } from 'node:http';

const PAGE = 4096;
const leaked: Buffer[] = [];

const ROUTES: Readonly<Record<string, (query: URLSearchParams) => void>> = {
  /** Computes for so many milliseconds of its own processor time. */
  '/burn': (query) => burn(Number(query.get('ms'))),
  /** Keeps so many MiB for ever. */
  '/leak': (query) => leak(Number(query.get('mb'))),
  /** Ends the process, as a crash does, once the answer is on its way. */
  '/crash': () => setImmediate(() => process.exit(1)),
};

createServer((request, response) => {
  const url = request.url ?? '/';
  const query = url.indexOf('?');
  // The usual request is to cost nothing but the answer.
  if (url !== '/') ROUTES[query < 0 ? url : url.slice(0, query)]?.(new URLSearchParams(url.slice(query)));
  response.setHeader('pid', process.pid);
  response.end('hello\n');
}).listen(Number(process.env.PORT), '127.0.0.1', () => console.log('Listening on an event loop'));

function burn(milliseconds: number): void {
  const start = process.cpuUsage();
  for (let used = 0; used < milliseconds * 1000; ) {
    for (let n = 0; n < 20_000; n++) Math.sqrt(n);
    const { user, system } = process.cpuUsage(start);
    used = user + system;
  }
}

function leak(mebibytes: number): void {
  const buffer = Buffer.alloc(mebibytes * 1024 * 1024);
  for (let at = 0; at < buffer.length; at += PAGE) buffer[at] = 1; // A page is there only once it is written to.
  leaked.push(buffer);
}
