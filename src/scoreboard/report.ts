import { discard } from '../posix/file.js';
import { addSeals } from '../posix/seals.js';
import { createSharedMemory, mapSharedMemory } from '../posix/shared-memory.js';
import { RECORD_SIZE } from './layout.js';
import { WorkerRecord } from './record.js';

const NAME = 'prefork-report';

/**
 * Memory in which one worker reports how it goes, and which no sibling of it has. The monitor believes of it what can be:
 * see checkReport().
 * @returns its descriptor, close-on-exec, and the monitor's mapping
 */
export function createReport(index: number): { readonly fd: number; readonly record: WorkerRecord } {
  const fd = createSharedMemory(NAME, RECORD_SIZE);
  try {
    // The worker cannot make it shorter: to read past its end would be a SIGBUS in the monitor.
    addSeals(fd, ['shrink', 'grow', 'seal']);
    return { fd, record: new WorkerRecord(mapSharedMemory(fd, RECORD_SIZE), index, 0) };
  } catch (error) {
    discard(fd);
    throw error;
  }
}

/** In the worker, which may close the descriptor then. */
export function attachReport(fd: number, index: number): WorkerRecord {
  return new WorkerRecord(mapSharedMemory(fd, RECORD_SIZE), index, 0);
}
