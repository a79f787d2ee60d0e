/**
 * The addon's own functions: clean positional arguments, no defaults. Only src/posix calls them.
 * Each throws an Error of Node's own shape (`code`, `errno`, `syscall`, …) when its system call fails.
 */
export interface Binding {
  // native/process.cc
  getpid(): number;
  getppid(): number;
  getpgid(pid: number): number;
  /** 0 for this process; 0 for the group of its own id. */
  setpgid(pid: number, group: number): void;
  leaveTerminal(fd: number): void;
  /** undefined: WNOHANG and no child has changed state. */
  waitpid(pid: number, nohang: boolean): RawWaitStatus | undefined;
  kill(pid: number, signal: number): void;
  execve(path: string, argv: string[], env: string[]): never;
  spawn(path: string, argv: string[], env: string[]): number;
  _exit(status: number): never;
  /** 0 clears it. */
  setParentDeathSignal(signal: number): void;
  kcmp(pid1: number, pid2: number, fd1: number, fd2: number): number;
  pendingRequests(): number;

  // native/fork
  /** `timeout` and `threadsTimeout`, for threads of unknown kind, in milliseconds; 0 in the child. */
  fork(
    timeout: number,
    keepSockets: readonly number[],
    asSibling: boolean,
    restWorkers: boolean,
    threadsTimeout: number,
  ): number | ForkRefusal;
  /** How many threads of this child still have their parent's ids after `timeout` milliseconds. */
  settleThreads(timeout: number): number;
  /** How many Workers of this child stand still until releaseWorkers(). */
  heldWorkers(): number;
  /** Each of them runs the script `source` before anything else. */
  releaseWorkers(source: string): void;
  /** Drops, in this child, what the thread pool has done for its parent. */
  withholdResults(): void;
  /** False: the engine's state was not found. */
  reseedMathRandom(random: () => number): boolean;
  /** Counts unreferenced TCP and pipe handles as referenced, or as before. */
  refStreams(on: boolean): void;

  // native/file.cc
  open(path: string, flags: number, mode: number): number;
  read(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  write(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  /** pwritev2 without a position and with SIGTTOU blocked; `nowait` is RWF_NOWAIT. */
  pwritev2(fd: number, buffer: Uint8Array, offset: number, length: number, nowait: boolean): number;
  /** `operation` is LOCK_EX … or'ed with LOCK_NB. */
  flock(fd: number, operation: number): void;
  close(fd: number): void;
  /** `position` and the result are byte offsets. */
  lseek(fd: number, position: number, whence: number): number;
  pipe(cloexec: boolean): [number, number];
  /** Close-on-exec; O_DIRECT, with room for one packet. */
  packetPipe(): [number, number];
  dup(fd: number, atLeast: number, cloexec: boolean): number;
  dup2(from: number, to: number, cloexec: boolean): void;
  /** Returns the ready events (POLLIN …), 0 on time-out; `timeout` in milliseconds, -1 = for ever. */
  poll(fd: number, events: number, timeout: number): number;
  setCloexec(fd: number, on: boolean): void;
  setNonblock(fd: number, on: boolean): void;

  // native/socket.cc; an address is { address, port, family } or { path }
  socket(family: number, type: number, protocol: number, cloexec: boolean): number;
  setsockopt(fd: number, name: SocketOption, value: number): void;
  bindInet(fd: number, family: number, host: string, port: number): void;
  bindUnix(fd: number, path: string): void;
  listen(fd: number, backlog: number): void;
  accept(fd: number, cloexec: boolean): { fd: number; address: RawAddress };
  acceptFd(fd: number, cloexec: boolean): number;
  connectInet(fd: number, family: number, host: string, port: number): void;
  connectUnix(fd: number, path: string): void;
  /** `nowait` is MSG_DONTWAIT. */
  send(fd: number, buffer: Uint8Array, offset: number, length: number, nowait: boolean): number;
  shutdown(fd: number, how: number): void;
  disconnect(fd: number): void;
  /** SO_ACCEPTCONN. */
  isListening(fd: number): boolean;
  getListenQueue(fd: number): { queued: number; backlog: number };
  getsockname(fd: number): RawAddress;
  getpeername(fd: number): RawAddress;

  // native/message.cc
  socketpair(cloexec: boolean): [number, number];
  /** At most 16 descriptors, and not without a byte. */
  sendMessage(fd: number, buffer: Uint8Array, offset: number, length: number, fds: readonly number[]): number;
  receiveMessage(fd: number, buffer: Uint8Array, offset: number, length: number): { bytes: number; fds: number[] };

  // native/peer.cc
  getPeerCredentials(fd: number): { pid: number; uid: number; gid: number };
  receiveFromPeer(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    peek: boolean,
  ): { bytes: number; pid: number; uid: number; gid: number; truncated: boolean };

  // native/filter.cc
  hasFilter(fd: number): boolean;

  // native/pidfd.cc
  pidfdOpen(pid: number): number;
  pidfdSendSignal(pidfd: number, signal: number): void;
  isChild(pid: number): boolean;

  // native/seals.cc; F_SEAL_SEAL … or'ed
  addSeals(fd: number, seals: number): void;
  getSeals(fd: number): number;

  // native/accounts.cc; -1: there is no such name
  userId(name: string): number;
  groupId(name: string): number;
  /** Undefined: there is no account with this number. */
  account(uid: number): { name: string; gid: number; home: string } | undefined;
  groupsOf(name: string, gid: number): number[];

  // native/credentials.cc; of the calling thread alone, which is the one that execve() leaves
  setresuid(uid: number): void;
  setresgid(gid: number): void;
  setgroups(gids: readonly number[]): void;
  getgroups(): number[];
  /** The effective number alone, as setegid(). */
  seteuid(uid: number): void;
  setegid(gid: number): void;
  getDumpable(): number;
  clearCapabilities(): void;
  dropBoundingCapability(capability: number): void;
  setNoNewPrivileges(): void;
  setDumpable(on: boolean): void;
  /** -1 for no limit. */
  setResourceLimit(resource: number, soft: number, hard: number): void;

  // native/heap.cc
  /** False: this Node has no such function. */
  lowMemoryNotification(): boolean;
  memoryPressureNotification(): boolean;
  /** Whether any memory was given back. */
  trimMalloc(): boolean;

  // native/scavenges.cc
  /** In milliseconds; -1: this Node has no such functions. */
  scavengeTime(): number;
  /** Undefined: this Node has no such functions. */
  growYoungGeneration(bytes: number): boolean | undefined;
  /** In milliseconds. */
  threadCpuTime(): number;

  // native/strings.cc
  /** How many; -1: this Node's V8 is not as expected. */
  hashStrings(): number;

  // native/shared-memory.cc; sizes in bytes
  createSharedMemory(name: string, size: number): number;
  mapSharedMemory(fd: number, size: number, readOnly: boolean): ArrayBuffer;

  // native/acceptor.cc
  /** `onResult` takes a descriptor or a negative errno. */
  Acceptor: new (
    listener: number,
    onResult: (result: number) => void,
  ) => RawAcceptor;

  // native/readable.cc
  /** `onReadable` takes 0 or a negative errno. */
  ReadableWatch: new (
    fd: number,
    onReadable: (status: number) => void,
  ) => RawWatch;

  // native/signals.cc
  /** `onSignal` takes 0 for this process, 1 for another one, 2 for the kernel, and returns whether listeners get it. */
  SignalWatch: new (
    signal: number,
    onSignal: (sender: number) => boolean,
  ) => RawWatch;
  ignoreSignal(signal: number): void;
}

/** 0 or 1, but milliseconds for SO_RCVTIMEO and SO_SNDTIMEO, and seconds for TCP_DEFER_ACCEPT; 0 = none. */
export type SocketOption =
  | 'SO_REUSEADDR'
  | 'SO_REUSEPORT'
  | 'SO_RCVTIMEO'
  | 'SO_SNDTIMEO'
  | 'SO_PASSCRED'
  | 'SO_DETACH_FILTER'
  | 'IPV6_V6ONLY'
  | 'TCP_DEFER_ACCEPT';

export interface RawWatch {
  close(): void;
}

export interface RawAcceptor {
  start(): void;
  stop(): void;
  close(): void;
  rearm(): void;
  keepAlive(on: boolean): void;
  /** A descriptor or a negative errno. */
  accept(): number;
  accepted(): number;
  idleWakeups(): number;
}

export interface RawWaitStatus {
  pid: number;
  code: number | null;
  /** The signal's number. */
  signal: number | null;
  coreDumped: boolean;
}

export type RawAddress = { family: 'IPv4' | 'IPv6'; address: string; port: number } | { family: 'unix'; path: string };

/** Why there was no fork. */
export interface ForkRefusal {
  cause: 'NOT_MAIN_THREAD' | 'WORKERS_ALIVE' | 'WORKER_BUSY' | 'POOL_BUSY' | 'THREAD_STUCK' | 'IO_URING' | 'SELF_TEST';
  /** What the native code saw, in words. */
  detail: string;
  /** The thread that was in the way, 0 for none. */
  thread: number;
}
