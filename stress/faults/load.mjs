import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const CLIENT = fileURLToPath(new URL('client.mjs', import.meta.url));

/** Clients that ask all the time, each kind in a process of its own. stop() resolves to what they have seen. */
export function startLoad(port) {
  const kinds = [
    { keepAlive: true, clients: 4, pause: 10 },
    { keepAlive: true, clients: 8, pause: 400 }, // Mostly idle, as browsers are.
    { keepAlive: false, clients: 4, pause: 10 },
  ];
  const running = kinds.map((kind) => {
    const argument = JSON.stringify({ port, ...kind });
    const child = spawn(process.execPath, [CLIENT, argument], { stdio: ['pipe', 'pipe', 'inherit'] });
    return { child, output: text(child.stdout) };
  });
  return {
    async stop() {
      for (const { child } of running) child.stdin.end();
      const seen = await Promise.all(running.map(async ({ output }) => JSON.parse(await output)));
      return {
        requests: seen.reduce((sum, { requests }) => sum + requests, 0),
        failures: seen.flatMap(({ failures }) => failures),
      };
    },
  };
}
