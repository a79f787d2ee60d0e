// What /proc says of a process.
import { readFileSync } from 'node:fs';

/** In KiB: resident, its share of what is shared (PSS), and what it alone has. smaps_rollup in proc_pid_smaps(5). */
export function memoryOf(pid) {
  const kib = fields(`/proc/${pid}/smaps_rollup`);
  return { rss: kib('Rss'), pss: kib('Pss'), own: kib('Private_Clean') + kib('Private_Dirty') };
}

/** Of the main thread, which does all the work of a worker. proc_pid_status(5). */
export function contextSwitches(pid) {
  const count = fields(`/proc/${pid}/status`);
  return { voluntary: count('voluntary_ctxt_switches'), involuntary: count('nonvoluntary_ctxt_switches') };
}

/** How /proc/PID/syscall begins for accept4(2): its number on this machine. */
const ACCEPT4 = process.arch === 'arm64' ? '242 ' : '288 ';

/** Whether the process blocks in accept4(2). */
export function isAccepting(pid) {
  return readFileSync(`/proc/${pid}/syscall`, 'utf8').startsWith(ACCEPT4);
}

function fields(path) {
  const text = readFileSync(path, 'utf8');
  return (name) => {
    const found = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(text);
    if (found === null) throw new Error(`${path} has no ${name}`);
    return Number(found[1]);
  };
}
