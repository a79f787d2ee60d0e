import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { type Listener, listen } from '../posix/index.js';

export interface OpenListener extends Listener {
  /** Takes away what the listener leaves behind in the file system. */
  readonly cleanUp: () => void;
}

/** Listens on a path of the unix domain, in place of a socket there that nobody listens on any more. */
export async function listenOnPath(path: string, backlog: number): Promise<OpenListener> {
  try {
    return owned(listen({ path, backlog }), path);
  } catch (cause) {
    const error = cause as NodeJS.ErrnoException;
    if (error.code !== 'EADDRINUSE') throw new Error(`cannot listen on ${path}: ${hint(error)}`, { cause });
  }
  if (!lstatSync(path).isSocket()) throw new Error(`${path} exists and is not a socket; choose another --path`);
  if (!(await isStale(path))) {
    throw new Error(`${path} is in use; end the program that has it, or choose another --path`);
  }
  unlinkSync(path);
  return owned(listen({ path, backlog }), path);
}

function owned(listener: Listener, path: string): OpenListener {
  const { ino, dev } = lstatSync(path);
  return {
    ...listener,
    cleanUp: () => {
      const now = lstatSync(path, { throwIfNoEntry: false });
      // Somebody may have put another one in its place.
      if (now?.ino === ino && now.dev === dev) unlinkSync(path);
    },
  };
}

/** Nobody listens: the kernel refuses. Anything else, such as a full queue, is a sign of life. */
function isStale(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}

function hint({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOENT':
      return 'its folder does not exist; make it first';
    case 'EACCES':
    case 'EROFS':
      return 'this user may not write there; choose another --path';
    case 'ENAMETOOLONG':
      return 'a socket path has at most 107 bytes; choose a shorter --path';
    default:
      return message;
  }
}
