/**
 * `import { fork } from 'prefork/posix'`: the system calls that a prefork server is made of, typed and synchronous. Each
 * function is its man page's call of the same name and fails with an Error of Node's own shape: `code` ('EADDRINUSE'),
 * `errno` (negative), `syscall`, and `address`, `port` or `path` where they apply. A call that a signal interrupts is
 * made again.
 *
 * @module posix
 */
export * from '../../../src/posix/index.js';
