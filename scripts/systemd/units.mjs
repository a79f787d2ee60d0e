// The units of the trials: those that the documents print, with as few lines more as a trial needs.
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** The text of each unit by its name. */
export function trialUnits() {
  const start = printedUnit('docs/start.md');
  const hardened = printedUnit('docs/security.md');
  return {
    'start.service': start,
    'reload.service': replaced(replaced(start, 'Type=notify', 'Type=notify-reload'), /^ExecReload=.*\n/m, ''),
    'hardened.service': hardened,
    'crash.service': `${replaced(hardened, '--listen 80', '--listen 80 --status-port 9090')}Restart=on-failure\n`,
    'bare.service': `${start}SystemCallErrorNumber=ENOSYS\nSystemCallFilter=~clone3 kcmp pidfd_open pidfd_send_signal\n`,
    'dynamic.service': `${start}DynamicUser=yes\nCapabilityBoundingSet=\n`,
    'dynamic.socket': socket('127.0.0.1:83'),
    // The app asks for a port that is another one than the socket's.
    'tcp.service': start,
    'tcp.socket': socket('127.0.0.1:8081'),
    'unix.service': `${start}Environment=PLACES=/run/unix.sock\n`,
    'unix.socket': socket('/run/unix.sock'),
    'two.service': `${start}Environment="PLACES=8082 /run/two.sock"\n`,
    'two.socket': socket('127.0.0.1:8082', '/run/two.sock'),
  };
}

/** The unit that a document prints: a block of code that begins with [Service]. */
function printedUnit(document) {
  const found = [...readFileSync(join(ROOT, document), 'utf8').matchAll(/^```ini\n(\[Service\]\n[^`]*)```$/gm)];
  if (found.length !== 1) throw new Error(`${document} prints ${found.length} units, not one`);
  return found[0][1];
}

function replaced(unit, what, by) {
  const changed = unit.replace(what, by);
  if (changed === unit) throw new Error(`no ${what} in this unit:\n${unit}`);
  return changed;
}

function socket(...addresses) {
  return ['[Socket]', ...addresses.map((address) => `ListenStream=${address}`), ''].join('\n');
}
