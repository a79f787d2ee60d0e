import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../harness/ports.mjs';
import { handOver, start } from '../harness/processes.mjs';
import { Server } from './server.mjs';
import { talk } from './talk.mjs';

/** Debian's wrapper in /usr/sbin insists on the user rabbitmq; this is what it starts. */
const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server';

export class RabbitMq extends Server {
  static packages = { 'rabbitmq-server': () => PROGRAM };
  #epmd;

  get env() {
    return { AMQP_URL: `amqp://guest:guest@127.0.0.1:${this.port}` };
  }

  async prepare() {
    for (const name of ['mnesia', 'log']) mkdirSync(join(this.folder, name));
    writeFileSync(join(this.folder, 'enabled_plugins'), '[].\n');
    writeFileSync(join(this.folder, 'rabbitmq.conf'), 'log.file = false\nlog.console = true\n');
    await handOver(this.folder);
    this.epmdPort = await freePort();
    this.distributionPort = await freePort();
    // Erlang's name server in the foreground; otherwise RabbitMQ starts one that outlives it.
    this.#epmd = start('epmd', ['-address', '127.0.0.1', '-port', `${this.epmdPort}`], {
      ordinary: true,
      env: { HOME: this.folder },
    });
  }

  command() {
    const env = {
      HOME: this.folder, // Erlang keeps its cookie there.
      RABBITMQ_NODENAME: `apps${this.port}@localhost`,
      RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
      RABBITMQ_NODE_PORT: `${this.port}`,
      RABBITMQ_DIST_PORT: `${this.distributionPort}`,
      RABBITMQ_MNESIA_BASE: join(this.folder, 'mnesia'),
      RABBITMQ_LOG_BASE: join(this.folder, 'log'),
      RABBITMQ_CONFIG_FILE: join(this.folder, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(this.folder, 'enabled_plugins'),
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      // As under systemd, the script becomes the server, instead of a parent that would outlive this process.
      NOTIFY_SOCKET: join(this.folder, 'notify'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} +S 1:1',
      ERL_EPMD_ADDRESS: '127.0.0.1',
      ERL_EPMD_PORT: `${this.epmdPort}`,
    };
    return { program: PROGRAM, args: [], env };
  }

  /** A client of another version of the protocol is told this one's, and the connection ends: AMQP 0-9-1, 4.2.2. */
  async answers() {
    await talk(this.port, 'AMQP\0\0\0\0', /^AMQP/);
  }

  async end() {
    await this.stop();
    this.#epmd?.signal('SIGTERM');
    await this.#epmd?.ended;
  }
}
