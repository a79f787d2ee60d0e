// The app of the trials: it says who answers, what that process may do, and writes where it is told to.
const { readFileSync, writeFileSync } = require('node:fs');
const { createServer } = require('node:http');

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://trial');
  if (pathname === '/') {
    const seen = Object.keys(process.env).filter((name) => /^(NOTIFY|WATCHDOG|LISTEN)_/.test(name));
    response.end(JSON.stringify({ pid: process.pid, uid: process.getuid(), seen }));
  } else if (pathname === '/rights') {
    response.end(readFileSync('/proc/self/status'));
  } else if (pathname === '/write') {
    try {
      writeFileSync(searchParams.get('path'), 'by the app\n');
      response.end('written');
    } catch (error) {
      response.end(error.code);
    }
  } else {
    for (let rest = Number(searchParams.get('lines')); rest > 0; rest--) console.log('said '.repeat(3200));
    response.end('said');
  }
}

for (const where of (process.env.PLACES ?? '8080').split(' '))
  createServer(answer).listen(where.startsWith('/') ? { path: where } : { port: Number(where), host: '127.0.0.1' });
