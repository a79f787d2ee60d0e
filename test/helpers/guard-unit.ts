/**
 * Makes a unit test fail that starts a process or opens a socket: such a test belongs to the native or the integration
 * ones. It replaces the functions in Node's modules and in the addon, which copies of them made before do not notice;
 * vitest loads this file before the test's own imports.
 */
import childProcess from 'node:child_process';
import dgram from 'node:dgram';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { binding } from '../../src/posix/binding.js';

function refuse(name: string) {
  return () => {
    throw new Error(`${name}() in a unit test: a test that starts a process or opens a socket is not one`);
  };
}

function guard(owner: object, what: string, names: readonly string[]): void {
  for (const name of names) {
    if (!(name in owner)) throw new Error(`${what} has no ${name} that could be guarded`);
    Object.assign(owner, { [name]: refuse(`${what}.${name}`) });
  }
}

const PROCESSES = ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork'] as const;
guard(childProcess, 'child_process', PROCESSES);
guard(net.Server.prototype, 'net.Server', ['listen']);
guard(net.Socket.prototype, 'net.Socket', ['connect']);
guard(dgram.Socket.prototype, 'dgram.Socket', ['bind', 'send', 'connect']);
guard(binding(), 'posix', ['fork', 'execve', 'socket', 'socketpair']);
syncBuiltinESMExports();
