/** Every coded error that prefork itself raises: what went wrong, and what to do about it. */
const TABLE = {
  ERR_PREFORK_UNSUPPORTED: {
    what: (detail: string) => `prefork needs Linux on x86-64 or aarch64; this is ${detail}`,
    remedy: 'run it on such a machine; importing it elsewhere is harmless, using it is not possible',
  },
  ERR_PREFORK_UNTESTED: {
    what: () => 'fork has never been tried in a Node with this C library on this processor, such as musl on aarch64',
    remedy:
      'PREFORK_ALLOW_MUSL=1 lets it be tried, with an addon that "npm rebuild prefork" builds under the same variable',
  },
  ERR_PREFORK_PROC: {
    what: (detail: string) => `prefork finds threads and descriptors by /proc, which ${detail}`,
    remedy: 'mount it where this process runs: "mount -t proc proc /proc", or --mount-proc of unshare(1)',
  },
  ERR_PREFORK_NOT_BUILT: {
    what: (detail: string) => `the native addon could not be loaded: ${detail}`,
    remedy: 'run "npm rebuild prefork" (it needs a C++ compiler, make and python3)',
  },
  ERR_PREFORK_NOT_MAIN_THREAD: {
    what: () => 'fork() was called in a Worker; only the main thread can fork',
    remedy: 'call it in the main thread, for example on a message from the Worker',
  },
  ERR_PREFORK_WORKERS_ALIVE: {
    what: (detail: string) => `fork() cannot copy Workers in this Node (${detail})`,
    remedy: 'terminate all worker_threads before the fork and start them again after it, or use Node 20 to 26',
  },
  ERR_PREFORK_WORKER_BUSY: {
    what: (detail: string) => `fork() waited in vain for a Worker that computes, starts or ends (${detail})`,
    remedy: 'fork when it waits for messages, or give fork() a longer timeout',
  },
  ERR_PREFORK_POOL_BUSY: {
    what: (detail: string) => `fork() waited in vain for the thread pool to become idle (${detail})`,
    remedy: 'await pending fs, dns, zlib and crypto work before the fork, or give it a longer timeout',
  },
  ERR_PREFORK_THREAD_STUCK: {
    what: (detail: string) => `fork() could not stop all threads in time (${detail})`,
    remedy: 'see what the thread does in /proc/PID/task, or give fork() a longer timeout',
  },
  ERR_PREFORK_IO_URING: {
    what: (detail: string) => `fork() cannot make an io_uring of this process anew (${detail})`,
    remedy: 'start Node with UV_USE_IO_URING=0, as "prefork run" does',
  },
  ERR_PREFORK_SELF_TEST: {
    what: (detail: string) => `fork() does not know the C library or the libuv of this process well enough: ${detail}`,
    remedy: 'use glibc 2.31 or newer, and report this with the version of glibc and of Node',
  },
  ERR_PREFORK_INVALID_OPTION: {
    what: (detail: string) => detail,
    remedy: "'prefork start --help' tells all settings",
  },
  ERR_PREFORK_LOAD_FAILED: {
    what: () => 'the app failed to load',
    remedy: 'see what it and prefork have written to standard error',
  },
  ERR_PREFORK_BOOT_FAILED: {
    what: () => 'the workers die before they are ready, again and again',
    remedy: 'see what they and prefork have written to standard error',
  },
  ERR_PREFORK_RELOAD_FAILED: {
    what: (detail: string) => `the reload failed: ${detail}`,
    remedy: 'the generation before serves on; mend the app and reload again',
  },
  ERR_PREFORK_ENDED: {
    what: (detail: string) => `the service has ended ${detail}`,
    remedy: 'start it anew',
  },
} as const satisfies Record<string, { what: (detail: string) => string; remedy: string }>;

export type PreforkErrorCode = keyof typeof TABLE;

/** An error with a stable `code`; its message names the cause, `remedy` (also in the message) the way out. */
export class PreforkError extends Error {
  readonly code: PreforkErrorCode;
  readonly remedy: string;

  constructor(code: PreforkErrorCode, detail = '', options?: ErrorOptions) {
    const { what, remedy } = TABLE[code];
    super(`${what(detail)}; ${remedy}`, options);
    this.name = 'PreforkError';
    this.code = code;
    this.remedy = remedy;
  }
}
