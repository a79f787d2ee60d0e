import { readFileSync } from 'node:fs';

/**
 * The variables that this process was started with, each as 'NAME=value'. proc_pid_environ(5)
 * @throws EACCES where Node has file capabilities: then it is root's to read
 */
export function environmentAtStart(): string[] {
  return readFileSync('/proc/self/environ', 'utf8').split('\0').filter(Boolean);
}
