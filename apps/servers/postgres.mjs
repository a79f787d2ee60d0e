import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../harness/processes.mjs';
import { Server } from './server.mjs';

const VERSIONS = '/usr/lib/postgresql';
const DATABASE = 'app';

export class Postgres extends Server {
  static packages = { postgresql: binaries, 'postgresql-client': () => '/usr/bin/psql' };

  get env() {
    const url = `postgresql://${DATABASE}@127.0.0.1:${this.port}/${DATABASE}`;
    // The variables of libpq, which pg reads as well.
    return {
      DATABASE_URL: url,
      PGHOST: '127.0.0.1',
      PGPORT: `${this.port}`,
      PGUSER: DATABASE,
      PGDATABASE: DATABASE,
    };
  }

  get #data() {
    return join(this.folder, 'data');
  }

  async prepare() {
    const args = ['-D', this.#data, '-U', DATABASE, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
    await run(join(binaries(), 'initdb'), args, { ordinary: true, cwd: this.folder, env: { HOME: this.folder } });
  }

  command() {
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      shared_buffers: '16MB',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return { program: join(binaries(), 'postgres'), args: ['-D', this.#data, '-p', `${this.port}`, ...args] };
  }

  /** Closes the clients' connections; SIGTERM would wait for them. */
  get stopSignal() {
    return 'SIGINT';
  }

  async answers() {
    await this.#sql('SELECT 1');
  }

  async reset() {
    await this.#sql(`DROP DATABASE IF EXISTS ${DATABASE} WITH (FORCE)`);
    await this.#sql(`CREATE DATABASE ${DATABASE}`);
  }

  #sql(statement) {
    const server = ['-h', '127.0.0.1', '-p', `${this.port}`, '-U', DATABASE, '-d', 'postgres'];
    return run('psql', ['-q', '-X', ...server, '-c', statement]);
  }
}

/** The folder of the newest version's programs; undefined when there is none. */
function binaries() {
  try {
    const versions = readdirSync(VERSIONS).sort((a, b) => Number(a) - Number(b));
    return join(VERSIONS, versions.at(-1), 'bin');
  } catch {
    return undefined;
  }
}
