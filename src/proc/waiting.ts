import { parseLink } from './link.js';
import { readBytes, readLink, readText } from './read.js';
import { parseStat } from './stat.js';
import { parseSyscall, parseWchan } from './syscall.js';

const WRITES = new Set(['write', 'writev', 'pwrite64', 'sendto', 'sendmsg', 'sendmmsg', 'sendfile']);
const READS = new Set(['read', 'readv', 'pread64', 'recvfrom', 'recvmsg', 'recvmmsg']);

/**
 * What a process's main thread does now, as a sentence: 'it waits in write(2) on descriptor 2, a pipe that nobody reads',
 * 'it computes'. Undefined where that cannot be seen: it has ended, or may not be traced. proc_pid_syscall(5).
 */
export function whatItDoes(pid: number): string | undefined {
  const folder = `/proc/${pid}/task/${pid}`;
  const stat = readBytes(`${folder}/stat`);
  const state = stat ? parseStat(stat)?.state : undefined;
  if (state === 'stopped') return 'it is stopped (SIGSTOP)';
  if (state === 'traced') return 'a debugger holds it';
  const call = parseSyscall(readText(`${folder}/syscall`) || '');
  if (call === 'running') return 'it computes';
  if (call !== undefined) return `it waits in ${callText(pid, call)}`;
  const wchan = parseWchan(readText(`${folder}/wchan`) || '');
  return wchan && `it waits in the kernel's ${wchan}`;
}

/** @param call such as 'write(2)', where 2 is the descriptor, 'futex', or 'system call 450' */
function callText(pid: number, call: string): string {
  const [, name = call, fd] = /^(\w+)\((-?\d+)\)$/.exec(call) ?? [];
  if (fd !== undefined) return `${name}(2) on descriptor ${fd}${descriptorText(pid, name, fd)}`;
  return name.includes(' ') ? name : `${name}(2)`;
}

function descriptorText(pid: number, call: string, fd: string): string {
  const link = readLink(`/proc/${pid}/fd/${fd}`);
  if (!link) return '';
  const { kind, name } = parseLink(link);
  if (kind === 'pipe') return `, a pipe${of(call, ' that nobody reads', ' that nobody writes to')}`;
  if (kind === 'socket') return `, a socket${of(call, ' whose other end does not read', ' that receives nothing')}`;
  return `, ${name || kind}`;
}

function of(call: string, writing: string, reading: string): string {
  if (WRITES.has(call)) return writing;
  return READS.has(call) ? reading : '';
}
