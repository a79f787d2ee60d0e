// A client that blocks: writes a line, reads its echo, and so on for some seconds.
import { close, connect, read, socket, writeAll } from 'prefork/posix';

const [port, seconds] = process.argv.slice(2).map(Number);
const line = Buffer.from(`${'x'.repeat(63)}\n`);
const buffer = Buffer.alloc(line.length);

const fd = socket();
connect(fd, { family: 'IPv4', address: '127.0.0.1', port });
const start = performance.now();
let lines = 0;
while (performance.now() - start < seconds * 1000) {
  writeAll(fd, line);
  for (let left = line.length; left > 0; ) {
    const length = read(fd, buffer);
    if (length === 0) throw new Error('the server has hung up');
    left -= length;
  }
  lines++;
}
console.log(JSON.stringify({ lines, seconds: (performance.now() - start) / 1000 }));
close(fd);
