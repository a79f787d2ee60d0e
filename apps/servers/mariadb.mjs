import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../harness/processes.mjs';
import { Server } from './server.mjs';

const DATABASE = 'app';

export class MariaDb extends Server {
  static packages = {
    'mariadb-server-core': () => '/usr/bin/mariadb-install-db',
    'mariadb-client-core': () => '/usr/bin/mariadb',
  };

  get env() {
    const MYSQL_URL = `mysql://${DATABASE}:${DATABASE}@127.0.0.1:${this.port}/${DATABASE}`;
    return {
      MYSQL_URL,
      MYSQL_HOST: '127.0.0.1',
      MYSQL_PORT: `${this.port}`,
      MYSQL_USER: DATABASE,
      MYSQL_PASSWORD: DATABASE,
      MYSQL_DATABASE: DATABASE,
    };
  }

  get #data() {
    return join(this.folder, 'data');
  }

  get #userFile() {
    return join(this.folder, 'user.sql');
  }

  async prepare() {
    const args = [
      '--no-defaults',
      `--datadir=${this.#data}`,
      `--tmpdir=${this.folder}`,
      '--skip-test-db',
      '--auth-root-authentication-method=normal',
    ];
    await run('mariadb-install-db', args, { ordinary: true, cwd: this.folder, env: { HOME: this.folder } });
    const account = `${DATABASE}@'127.0.0.1'`;
    writeFileSync(
      this.#userFile,
      `CREATE USER IF NOT EXISTS ${account} IDENTIFIED BY '${DATABASE}';\nGRANT ALL ON *.* TO ${account};\n`,
    );
  }

  command() {
    const args = [
      '--no-defaults',
      `--datadir=${this.#data}`,
      `--tmpdir=${this.folder}`,
      `--port=${this.port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(this.folder, 'socket')}`,
      `--pid-file=${join(this.folder, 'pid')}`,
      `--init-file=${this.#userFile}`,
      '--skip-name-resolve',
      '--skip-log-bin',
      '--innodb-buffer-pool-size=16M',
      '--innodb-flush-log-at-trx-commit=0',
    ];
    return { program: '/usr/sbin/mariadbd', args };
  }

  async answers() {
    await this.#sql('SELECT 1');
  }

  async reset() {
    await this.#sql(`DROP DATABASE IF EXISTS ${DATABASE}; CREATE DATABASE ${DATABASE}`);
  }

  #sql(statement) {
    const account = [`--user=${DATABASE}`, `--password=${DATABASE}`];
    return run('mariadb', ['--no-defaults', '--host=127.0.0.1', `--port=${this.port}`, ...account, '-e', statement]);
  }
}
