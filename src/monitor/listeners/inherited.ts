import { addressText } from '../../net/address.js';
import { debuggersAddress } from '../../node/debugger.js';
import { getsockname, isListening, setCloseOnExec } from '../../posix/index.js';
import { descriptorLinks } from '../../proc/descriptor-links.js';

/** The first descriptor that a service manager hands over: sd_listen_fds(3). */
const LISTEN_FDS_START = 3;

/** Socket activation: LISTEN_FDS and LISTEN_PID of sd_listen_fds(3). The app does not see them. */
export function takeActivatedSockets(): number[] {
  const fds = activatedSockets();
  if (fds.length === 0) return [];
  for (const name of ['LISTEN_FDS', 'LISTEN_PID', 'LISTEN_FDNAMES']) delete process.env[name];
  for (const fd of fds) closeOnExec(fd);
  return fds;
}

function closeOnExec(fd: number): void {
  try {
    setCloseOnExec(fd, true);
  } catch {
    // There is no such descriptor, which is told where sockets are looked at.
  }
}

/** The same, which stay as they are. */
export function activatedSockets(): number[] {
  const { LISTEN_FDS = '0', LISTEN_PID } = process.env;
  if (LISTEN_PID !== String(process.pid)) return [];
  return Array.from({ length: Number(LISTEN_FDS) }, (_, i) => LISTEN_FDS_START + i);
}

/**
 * The listening sockets that this process was started with, by descriptor; to be asked before it opens its own. Node
 * has made them close-on-exec at its start.
 */
export function inheritedListeners(): number[] {
  return [...descriptorLinks('self').keys()].filter((fd) => fd > 2 && isListener(fd));
}

function isListener(fd: number): boolean {
  try {
    return isListening(fd) && addressText(getsockname(fd)) !== debuggersAddress();
  } catch {
    return false; // No socket, or one of another family.
  }
}
