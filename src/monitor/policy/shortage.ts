/** What to do when the system has no more of something, by the error's name in a message. */
const REMEDIES: Readonly<Record<string, string>> = {
  EMFILE: 'raise the limit of open files: ulimit -n, LimitNOFILE=',
  ENFILE: 'raise fs.file-max, or look for who holds so many files',
  'fork EAGAIN': 'raise the limit of processes: ulimit -u, TasksMax=, pids.max',
};

/** The message of a failed call, with what to do about it where that is known. */
export function withRemedy(message: string): string {
  const found = Object.entries(REMEDIES).find(([name]) => new RegExp(`\\b${name}\\b`).test(message));
  return found === undefined ? message : `${message}; ${found[1]}`;
}
