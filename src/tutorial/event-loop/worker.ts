// worker.js OPTIONS: the echo server as an ordinary program, for node:cluster and for prefork start.
import { writeSync } from 'node:fs';
import type { EchoOptions } from './options.js';
import { listenAndEcho } from './server.js';

// Ctrl-C reaches the whole process group; it is the parent that ends its children.
for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => {});
try {
  await listenAndEcho('Child', JSON.parse(process.argv[2] ?? '') as EchoOptions);
} catch (error) {
  writeSync(2, `prefork: ${(error as Error).message}\n`);
  process.exit(1);
}
