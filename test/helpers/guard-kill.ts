/**
 * Makes process.kill() throw where it would signal more than a test means to. kill(2) takes 0 for the process group of
 * the caller, in which the test runner and what has started it run as well, -1 for every process, and 1 is init. A
 * process id that was looked up in vain easily becomes one of them.
 */
const kill = process.kill.bind(process);

process.kill = (pid, signal) => {
  if (Math.abs(pid) <= 1)
    throw new Error(`a test is about to signal process ${pid}: the id that it looked up is wrong`);
  return kill(pid, signal);
};
