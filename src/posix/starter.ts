import { getppid, setParentDeathSignal } from './process.js';

/** The environment variable by which a command that starts another one tells its process id. */
const VARIABLE = 'PREFORK_STARTER';

/** To be added to the environment of a command of prefork's that is to end with this process, however this one ends. */
export function starterVariable(): NodeJS.ProcessEnv {
  return { [VARIABLE]: `${process.pid}` };
}

/** Has the kernel kill this process when the one ends that has started it, where that asks for it. PR_SET_PDEATHSIG in prctl(2). */
export function endWithStarter(): void {
  const { [VARIABLE]: starter } = process.env;
  if (starter === undefined) return;
  delete process.env[VARIABLE];
  // It is not the parent where another program is between them, such as strace.
  if (getppid() === Number(starter)) setParentDeathSignal('SIGKILL');
}
