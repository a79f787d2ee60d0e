import { binding } from '../binding.js';

/** Node read process.pid at its start; process.ppid and process.title are read when they are asked for. */
export function renewIdentity(): void {
  Object.defineProperty(process, 'pid', {
    value: binding().getpid(),
    enumerable: true,
    configurable: true,
    writable: false,
  });
}
