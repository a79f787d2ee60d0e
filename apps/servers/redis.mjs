import { Server } from './server.mjs';
import { talk } from './talk.mjs';

export class Redis extends Server {
  static packages = { 'redis-server': () => '/usr/bin/redis-server' };

  get env() {
    return { REDIS_URL: `redis://127.0.0.1:${this.port}`, REDIS_HOST: '127.0.0.1', REDIS_PORT: `${this.port}` };
  }

  command() {
    const args = ['--port', `${this.port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'yes'];
    return { program: 'redis-server', args };
  }

  async answers() {
    await talk(this.port, 'PING\r\n', /^\+PONG/);
  }

  async reset() {
    await talk(this.port, 'FLUSHALL\r\n', /^\+OK/);
  }
}
