/**
 * The system calls that a prefork server is made of, typed and synchronous. Each function is its man page's
 * call of the same name and fails with an Error of Node's own shape: `code` ('EADDRINUSE'), `errno` (negative),
 * `syscall`, and `address`, `port` or `path` where they apply. A call that a signal interrupts is made again.
 */
export { PreforkError, type PreforkErrorCode } from '../errors.js';
export { fork, type ForkOptions } from './fork.js';
export {
  _exit,
  type ChildStatus,
  execve,
  exit,
  getpid,
  getppid,
  kcmp,
  kill,
  setParentDeathSignal,
  type WaitOptions,
  waitpid,
} from './process.js';
export {
  close,
  dup,
  dup2,
  lseek,
  open,
  type OpenFlags,
  pipe,
  poll,
  read,
  setCloseOnExec,
  write,
  writeAll,
} from './file.js';
export {
  accept,
  type Accepted,
  type Address,
  bind,
  connect,
  getpeername,
  getsockname,
  listen,
  type Listener,
  type ListenOptions,
  setTimeouts,
  shutdown,
  socket,
  type SocketOptions,
} from './socket.js';
export { LineReader } from './lines.js';
