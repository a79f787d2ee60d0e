import { execFileSync } from 'node:child_process';

/** Whether strace(1) is installed and may look at processes. */
export const HAS_STRACE = (() => {
  try {
    execFileSync('strace', ['-qq', '-c', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
