import { attempt } from '../util/attempt.js';
import { discard } from './file.js';
import { fork } from './fork.js';
import { peekFromPeer } from './peer.js';
import { _exit, kill, setParentDeathSignal, waitpid } from './process.js';
import { shutdown } from './socket.js';

/** How long the other process lives at most, in milliseconds, should this one die meanwhile. */
const LIFETIME_MS = 5000;

/**
 * Closes a connected unix socket whose peer is not trusted. With it the kernel closes descriptors that came and were not
 * received, and a process that closes a connection for good may have to wait for its peer as long as SO_LINGER says,
 * which is the sender's choice (socket(7)). A process that exits waits for nothing: where there is something unread,
 * another one has the socket last.
 */
export function closeUnread(fd: number): void {
  const pid = hasUnread(fd) ? attempt(() => holder(fd)) : undefined;
  discard(fd);
  if (pid === undefined) return;
  kill(pid, 'SIGKILL');
  waitpid(pid);
}

/** From then on, nothing more comes. */
function hasUnread(fd: number): boolean {
  return (
    attempt(() => {
      shutdown(fd, 'read');
      return peekFromPeer(fd, 1).bytes > 0;
    }) ?? false
  );
}

/** A process that has a descriptor of it, and does nothing else. */
function holder(fd: number): number {
  const pid = fork({ keepSockets: [fd] });
  if (pid !== 0) return pid;
  try {
    setParentDeathSignal('SIGKILL');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LIFETIME_MS);
  } finally {
    _exit(0);
  }
}
