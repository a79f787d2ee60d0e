import { once } from 'node:events';
import { chmodSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const NAME = /^prefork-([1-9]\d*)\.sock$/;
/** Named pipes are in no folder. */
const HAS_FILES = process.platform !== 'win32';

export type Command = 'reload' | 'stop' | 'quick' | 'ping';

/** What became of a command, in one line. */
export interface Answer {
  readonly ok: boolean;
  readonly text: string;
}

/** Where a server without fork takes commands: a unix socket for its own user, or a named pipe. */
export class ControlSocket {
  readonly #path = pathOf(process.pid);
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  constructor(execute: (command: Command) => Promise<Answer>) {
    this.#server = createServer((socket) => {
      this.#connections.add(socket);
      socket.on('error', () => {}).once('close', () => this.#connections.delete(socket));
      createInterface(socket).once('line', async (command) => {
        const answer = await execute(command as Command);
        socket.end(`${JSON.stringify(answer)}\n`);
      });
    });
  }

  /** @throws EADDRINUSE and others */
  async open(): Promise<void> {
    // A process that had this id before, and was killed, has left it.
    if (isOwn(this.#path)) rmSync(this.#path);
    const umask = HAS_FILES ? process.umask(0o177) : undefined;
    try {
      this.#server.listen(this.#path);
    } finally {
      if (umask !== undefined) process.umask(umask);
    }
    await once(this.#server, 'listening');
    if (HAS_FILES) chmodSync(this.#path, 0o600);
  }

  close(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }
}

/** Sends a command to a server. @returns undefined when no server of this user has this process id and such a socket */
export async function sendCommand(pid: number, command: Command): Promise<Answer | undefined> {
  const path = pathOf(pid);
  // Another user who may write in that folder could have made it.
  if (HAS_FILES && !isOwn(path)) return undefined;
  const socket = connect(path);
  try {
    await once(socket, 'connect');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (!['ECONNREFUSED', 'ENOENT'].includes(code)) throw error;
    if (code === 'ECONNREFUSED') rmSync(path, { force: true }); // Its process was killed.
    return undefined;
  }
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve));
  socket.write(`${command}\n`);
  await closed;
  return text.endsWith('\n') ? (JSON.parse(text) as Answer) : { ok: false, text: `server ${pid} has ended` };
}

/** The process ids of this user's servers that have such a socket; not known on Windows. */
export async function findServers(): Promise<number[]> {
  if (!HAS_FILES) return [];
  const pids = readdirSync(tmpdir()).flatMap((name) => NAME.exec(name)?.[1] ?? []);
  const answers = await Promise.all(pids.map((pid) => sendCommand(Number(pid), 'ping')));
  return pids.map(Number).filter((_, i) => answers[i] !== undefined);
}

function pathOf(pid: number): string {
  return HAS_FILES ? join(tmpdir(), `prefork-${pid}.sock`) : `\\\\.\\pipe\\prefork-${pid}`;
}

function isOwn(path: string): boolean {
  const stat = HAS_FILES ? lstatSync(path, { throwIfNoEntry: false }) : undefined;
  return stat?.isSocket() === true && stat.uid === process.geteuid?.();
}
