import type { Live, Stager } from '../view/live.js';
import { echo, lesson } from '../view/observed.js';
import { type Source, serveView } from '../view/server.js';
import { print } from './print.js';

/** Starts the scenes that the page may choose. */
export function stager(workers: number): Stager {
  return (scene, changed) => (scene.show === 'echo' ? echo(scene.models, workers) : lesson(scene, workers, changed));
}

/** Prints the address, and serves the page until it is interrupted. @returns the exit status */
export async function showSource(source: Source, port: number, ended = interrupted()): Promise<number> {
  const server = await serveView(source, port);
  try {
    await print(`prefork view: ${server.address}\n`);
    await ended;
  } finally {
    server.close();
  }
  return 0;
}

/** As showSource(), and ends what has been started. */
export async function showLive(start: () => Promise<Live> | Live, port: number): Promise<number> {
  const ended = interrupted(); // From now on: also what is interrupted while it starts is to leave nothing behind.
  const live = await start();
  try {
    return await showSource(live, port, ended);
  } finally {
    await live.close();
  }
}

function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
}
