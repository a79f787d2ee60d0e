import { Server } from './server.mjs';
import { talk } from './talk.mjs';

export class Memcached extends Server {
  static packages = { memcached: () => '/usr/bin/memcached' };

  get env() {
    return { MEMCACHED_SERVERS: `127.0.0.1:${this.port}` };
  }

  command() {
    return { program: 'memcached', args: ['-l', '127.0.0.1', '-p', `${this.port}`, '-U', '0', '-m', '16'] };
  }

  async answers() {
    await talk(this.port, 'version\r\n', /^VERSION /);
  }

  async reset() {
    await talk(this.port, 'flush_all\r\n', /^OK/);
  }
}
