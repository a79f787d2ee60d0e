import { binding } from './binding.js';

/** Whether a filter of packets is attached to a socket. SO_ATTACH_FILTER and SO_ATTACH_BPF in socket(7). */
export function hasFilter(fd: number): boolean {
  return binding().hasFilter(fd);
}

/** Takes a socket's filter off it. SO_DETACH_FILTER in socket(7). @throws EPERM where it is locked, ENOENT for none */
export function detachFilter(fd: number): void {
  binding().setsockopt(fd, 'SO_DETACH_FILTER', 0);
}
