/**
 * The system calls that a prefork server is made of, typed and synchronous. Each function is its man page's
 * call of the same name and fails with an Error of Node's own shape: `code` ('EADDRINUSE'), `errno` (negative),
 * `syscall`, and `address`, `port` or `path` where they apply. A call that a signal interrupts is made again.
 */
export { PreforkError, type PreforkErrorCode } from '../errors.js';
export { Acceptor } from './acceptor.js';
export { type Account, account, groupId, groupsOf, userId } from './accounts.js';
export {
  clearCapabilities,
  emptyBoundingSet,
  missingCapabilities,
  RESOURCES,
  type Resource,
  type ResourceLimit,
  setDumpable,
  setgroups,
  setNoNewPrivileges,
  setResourceLimit,
  setresgid,
  setresuid,
} from './credentials.js';
export {
  close,
  dup,
  dup2,
  lseek,
  type OpenFlags,
  open,
  pipe,
  poll,
  read,
  setCloseOnExec,
  write,
  writeAll,
} from './file.js';
export { detachFilter, hasFilter } from './filter.js';
export { type ForkOptions, fork } from './fork.js';
export {
  growYoungGeneration,
  hashStrings,
  lowMemoryNotification,
  memoryPressureNotification,
  scavengeTime,
  threadCpuTime,
  trimMalloc,
} from './heap.js';
export { LineReader } from './lines.js';
export { getPeerCredentials, passCredentials, receiveFromPeer, type Sender } from './peer.js';
export { isChild, pidfdOpen, pidfdSendSignal, signalChild } from './pidfd.js';
export {
  _exit,
  type ChildStatus,
  execve,
  exit,
  getpgid,
  getpid,
  getppid,
  kcmp,
  kill,
  leaveTerminal,
  pendingRequests,
  setParentDeathSignal,
  setpgid,
  type WaitOptions,
  waitpid,
} from './process.js';
export { ReadableWatch } from './readable.js';
export { addSeals, getSeals, type Seal } from './seals.js';
export { createSharedMemory, mapSharedMemory } from './shared-memory.js';
export { ignoreSignal, type SignalSender, SignalWatch } from './signals.js';
export {
  type Accepted,
  type Address,
  accept,
  acceptFd,
  bind,
  connect,
  datagramSocket,
  disconnect,
  getListenQueue,
  getpeername,
  getsockname,
  isListening,
  type Listener,
  type ListenOptions,
  type ListenQueue,
  listen,
  type Message,
  receiveMessage,
  type SocketOptions,
  send,
  sendMessage,
  setDeferAccept,
  setTimeouts,
  shutdown,
  socket,
  socketpair,
} from './socket.js';
export { type Credentials, withCredentials } from './thread-credentials.js';
