import { type Machine, THIS_MACHINE } from './machine.js';
import { systemCall } from './syscall-names.js';

/**
 * What a thread waits in, such as 'accept4(17)' or 'futex', from the text of /proc/PID/task/TID/syscall;
 * 'running' when it does not wait, undefined when the text does not tell. proc_pid_syscall(5).
 */
export function parseSyscall(text: string, machine: Machine = THIS_MACHINE): string | undefined {
  const [first = '', argument = '', ...more] = text.trim().split(' ');
  if (first === 'running') return first;
  if (!/^\d+$/.test(first)) return undefined; // -1: it waits outside of any system call.
  if (more.at(-1) === '0x0') return undefined; // A thread of the kernel's, which comes from nowhere.
  const call = systemCall(Number(first), machine);
  if (call === undefined) return `system call ${first}`;
  const { name, withDescriptor } = call;
  if (!withDescriptor) return name;
  // A descriptor is an int: what the register has above it means nothing.
  return /^0x[0-9a-f]+$/.test(argument) ? `${name}(${Number(BigInt.asIntN(32, BigInt(argument)))})` : name;
}

/** The kernel's function that a thread sleeps in, from /proc/PID/task/TID/wchan; undefined when there is none. */
export function parseWchan(text: string): string | undefined {
  const name = text.trim();
  return name === '' || name === '0' ? undefined : name;
}
