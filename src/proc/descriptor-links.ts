import { readdirSync, readlinkSync } from 'node:fs';

/**
 * What each descriptor of a process leads to, as the kernel names it: a path, or 'socket:[INODE]'. proc_pid_fd(5)
 * @throws ENOENT when the process has ended, EACCES when this one may not look
 */
export function descriptorLinks(pid: number | 'self'): Map<number, string> {
  const folder = `/proc/${pid}/fd`;
  const links = new Map<number, string>();
  for (const fd of readdirSync(folder)) {
    try {
      links.set(Number(fd), readlinkSync(`${folder}/${fd}`));
    } catch {
      // It has been closed, as that of the listing itself.
    }
  }
  return links;
}

/** The inode of a socket, by what its descriptor leads to; undefined for all else. */
export function socketInode(link: string): string | undefined {
  return /^socket:\[(\d+)\]$/.exec(link)?.[1];
}

/** The inode of the socket that a descriptor leads to; 0 for all else. A socket's link needs none of a path's care. */
export function socketInodeAt(pid: number, fd: number): number {
  try {
    const link = readlinkSync(`/proc/${pid}/fd/${fd}`, 'latin1');
    return link.startsWith('socket:[') ? Number(link.slice(8, -1)) : 0;
  } catch {
    return 0; // Closed meanwhile.
  }
}
