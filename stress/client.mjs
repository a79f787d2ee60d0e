// Keeps the parent's http server busy over keep-alive connections, until standard input ends; then says how it went.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { payload } from './activities.mjs';

const port = Number(process.argv[2]);
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });
const errors = [];
let requests = 0;
let stopped = false;

const ask = (path) =>
  new Promise((resolve, reject) => {
    http.get({ port, path, agent }, (response) => buffer(response).then(resolve, reject)).on('error', reject);
  });

async function client(id) {
  for (let n = id; !stopped; n++) {
    try {
      const wrong = n % 20 === 0 ? digest(await ask('/file')) !== file : !payload(n).equals(await ask(`/${n}`));
      if (wrong) errors.push(`wrong bytes for ${n}`);
    } catch (error) {
      errors.push(`${error.code}: ${error.message}`);
    }
    requests++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const digest = (bytes) => createHash('sha1').update(bytes).digest('hex');
const handle = await open(process.argv[3]);
const { buffer: bytes } = await handle.read(Buffer.alloc(1 << 20), 0, 1 << 20, 0);
await handle.close();
const file = digest(bytes);

process.stdin.resume().once('end', () => {
  stopped = true;
});
await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((id) => client(id * 1001)));
console.log(JSON.stringify({ requests, errors }));
agent.destroy();
