import { ENDINGS } from '../shutdown.js';
import type { EchoOptions } from './options.js';
import { listenAndEcho, listeningAddress } from './server.js';

/** The echo server as one process, until a signal ends it. @returns the exit status */
export async function runServer(options: EchoOptions): Promise<number> {
  const ended = new Promise<number>((resolve) => {
    for (const [signal, status] of Object.entries(ENDINGS)) process.on(signal, () => resolve(status));
  });
  const server = await listenAndEcho('Process', options);
  console.log(`Listening on ${listeningAddress(server)}, process ${process.pid}`);
  process.exit(await ended);
}
