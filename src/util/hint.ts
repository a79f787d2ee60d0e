/** What to do when the system has no more of something, or a thing is gone, by the error's name in a message, as a regular expression. */
const HINTS: Readonly<Record<string, string>> = {
  EMFILE: 'raise the limit of open files: ulimit -n, LimitNOFILE=',
  ENFILE: 'raise fs.file-max, or look for who holds so many files',
  '(fork|clone|pthread_create|spawn) EAGAIN': 'raise the limit of processes: ulimit -u, TasksMax=, pids.max',
  'rt_tgsigqueueinfo EAGAIN': 'raise the limit of signals that wait: ulimit -i, LimitSIGPENDING=',
  'ENOENT.*uv_cwd': 'the working directory was removed: change to one that is there',
  'ftruncate EFBIG': 'raise the limit on the size of files, which holds for shared memory, too: ulimit -f, LimitFSIZE=',
};

/** The message of a failed call, with what to do about it where that is known. */
export function withHint(message: string): string {
  const found = Object.entries(HINTS).find(([name]) => new RegExp(`\\b${name}\\b`).test(message));
  return found === undefined ? message : `${message}; ${found[1]}`;
}
