export interface Link {
  /** 'file', 'device', 'memfd', 'socket', 'pipe', 'epoll', 'eventfd', …: the kernel's name where there is no better. */
  readonly kind: string;
  /** A path or a name; empty where the kind says it all. */
  readonly name: string;
}

const KINDS: Readonly<Record<string, string>> = { eventpoll: 'epoll' };
/** Below /dev, but of a file system. */
const NO_DEVICE = /^\/dev\/(shm|mqueue|hugepages)\//;

/** What a descriptor is, by the link /proc/PID/fd/FD. proc_pid_fd(5). */
export function parseLink(link: string): Link {
  if (link.startsWith('/memfd:'))
    return { kind: 'memfd', name: link.slice('/memfd:'.length).replace(/ \(deleted\)$/, '') };
  if (link.startsWith('/dev/') && !NO_DEVICE.test(link)) return { kind: 'device', name: link };
  if (link.startsWith('/')) return { kind: 'file', name: link };
  const [, type = '', inside = ''] = /^(\w+):\[?(.*?)\]?$/s.exec(link) ?? [];
  if (type === 'anon_inode') return { kind: KINDS[inside] ?? inside, name: '' };
  if (type === '') return { kind: 'other', name: link };
  return { kind: type, name: inside };
}
