import { binding } from './binding.js';

/**
 * Memory that processes share: a file without a path, `size` bytes of zero. memfd_create(2), ftruncate(2).
 * @param name what /proc/PID/maps and /proc/PID/fd call it
 * @returns its descriptor, close-on-exec
 */
export function createSharedMemory(name: string, size: number): number {
  return binding().createSharedMemory(name, size);
}

/**
 * Maps the first `size` bytes of a file, MAP_SHARED: each process that maps it, a forked child too, sees what any of them
 * writes. The mapping outlives the descriptor; it ends with the last reference to the buffer. mmap(2).
 * @param readOnly a write then ends the process with SIGSEGV
 * @throws EINVAL for no bytes, ENXIO for more than the file has, EOVERFLOW for more than 2 GiB, EACCES when the
 * descriptor does not allow it
 */
export function mapSharedMemory(fd: number, size: number, readOnly = false): ArrayBuffer {
  return binding().mapSharedMemory(fd, size, readOnly);
}
