import { newFolder } from '../harness/folder.mjs';
import { freePort } from '../harness/ports.mjs';
import { handOver } from '../harness/processes.mjs';
import { MariaDb } from './mariadb.mjs';
import { Memcached } from './memcached.mjs';
import { Postgres } from './postgres.mjs';
import { RabbitMq } from './rabbitmq.mjs';
import { Redis } from './redis.mjs';
import { Web } from './web.mjs';

export const KINDS = {
  postgres: Postgres,
  redis: Redis,
  mariadb: MariaDb,
  rabbitmq: RabbitMq,
  memcached: Memcached,
  web: Web,
};

/** Running servers of every kind, each for one app at a time, because the trial of an app restarts them. */
export class Servers {
  #idle = new Map(Object.keys(KINDS).map((kind) => [kind, []]));
  #all = [];

  /** The servers of an app, empty, and for it alone until they are given back. @param {string[]} kinds */
  async take(kinds) {
    const taken = new Map();
    for (const kind of kinds) {
      const server = this.#idle.get(kind).pop() ?? (await this.#start(kind));
      taken.set(kind, server);
      if (!server.isRunning) await server.start(); // The trial before failed while it was away.
      await server.reset();
    }
    return taken;
  }

  giveBack(taken) {
    for (const [kind, server] of taken) this.#idle.get(kind).push(server);
  }

  /** Ends all of them. */
  async end() {
    await Promise.all(this.#all.map((server) => (server.end ? server.end() : server.stop())));
  }

  async #start(kind) {
    const folder = newFolder(kind);
    await handOver(folder);
    const server = new KINDS[kind](folder, await freePort());
    this.#all.push(server);
    await server.prepare();
    await server.start();
    return server;
  }
}
