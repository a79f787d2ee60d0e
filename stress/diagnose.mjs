// What a process that hangs is waiting for, thread by thread.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks of CPU time per second in proc_pid_stat(5): sysconf(_SC_CLK_TCK). */
const TICKS = 100;

function read(path) {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    return error.code;
  }
}

function thread(pid, tid) {
  const task = `/proc/${pid}/task/${tid}`;
  const stat = read(`${task}/stat`);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const cpu = (Number(fields[11]) + Number(fields[12])) / TICKS;
  const line = `  thread ${tid} ${read(`${task}/comm`)} state=${fields[0]} cpu=${cpu}s wchan=${read(`${task}/wchan`)} syscall=${read(`${task}/syscall`)}`;
  const stack = read(`${task}/stack`);
  return stack.startsWith('[') ? `${line}\n    ${stack.split('\n').slice(0, 3).join('\n    ')}` : line;
}

function backtraces(pid) {
  const { error, stdout } = spawnSync(
    'gdb',
    ['-p', `${pid}`, '-batch', '-nx', '-ex', 'set debuginfod enabled off', '-ex', 'thread apply all backtrace 25'],
    { encoding: 'utf8', timeout: 60_000, maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  if (error) return `  no backtraces: ${error.message}`;
  const lines = stdout.split('\n').filter((line) => /^(#|Thread \d)/.test(line));
  return lines.map((line) => `  ${line.slice(0, 160)}`).join('\n');
}

/** Threads, kernel wait channels, system calls and, with gdb on the machine, backtraces. */
export function diagnose(pid) {
  let tids;
  try {
    tids = readdirSync(`/proc/${pid}/task`);
  } catch {
    return `process ${pid} is gone\n`;
  }
  const parent = read(`/proc/${pid}/status`).match(/^PPid:\s+(\d+)/m)?.[1];
  const lines = tids.map((tid) => thread(pid, tid));
  // A process that waits for a processor is slow, and does not hang.
  const head = `process ${pid}, child of ${parent}, ${tids.length} threads; load average ${read('/proc/loadavg')}`;
  return [head, ...lines, backtraces(pid), ''].join('\n');
}

/** The processes of a group. */
export function membersOf(pgid) {
  return readdirSync('/proc')
    .filter((name) => {
      const stat = /^\d+$/.test(name) ? read(`/proc/${name}/stat`) : '';
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === pgid;
    })
    .map(Number);
}

/** The same for every process of a group. */
export function diagnoseGroup(pgid) {
  return membersOf(pgid).map(diagnose).join('\n');
}
