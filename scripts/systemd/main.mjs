// Runs in the emulated machine, as a service: one trial after the other, a line of JSON for each to the second serial
// port. The machine is off afterwards.
import { appendFileSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { run } from './guest.mjs';
import { NEEDS, TRIALS } from './trials.mjs';

const { trials, seconds, units } = JSON.parse(readFileSync('/opt/trials/plan.json', 'utf8'));
const tell = (line) => appendFileSync('/dev/ttyS1', `${JSON.stringify(line)}\n`);

try {
  await run('depmod');
  const [, systemd] = /systemd (\d+)/.exec((await run('systemctl', '--version')).text);
  const { glibcVersionRuntime: glibc } = process.report.getReport().header;
  tell({ kernel: release(), systemd, glibc, node: process.version });
  const check = await run(process.execPath, '/opt/trials/emulator-check.mjs', '5');
  tell({ name: 'emulator', end: check.status === 0 ? 'ok' : 'FAILED', seconds: 5, saw: check.text.trim() });
  for (const name of trials) tell(await trial(name, Number(systemd)));
} catch (error) {
  tell({ name: 'trials', end: 'FAILED', seconds: 0, saw: error.stack });
} finally {
  await run('systemctl', 'poweroff', '--force', '--force');
}

async function trial(name, systemd) {
  if (systemd < NEEDS[name]) return { name, end: 'left out', seconds: 0, saw: `systemd has it from ${NEEDS[name]} on` };
  const started = Date.now();
  const took = () => Math.round((Date.now() - started) / 1000);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${seconds} s`)), seconds * 1000);
  });
  try {
    const saw = await Promise.race([TRIALS[name](), late]);
    return { name, end: 'ok', seconds: took(), saw };
  } catch (error) {
    const log = (await run('sh', '-c', 'journalctl --no-pager -b -n 150 | cut -c 1-200')).text;
    const states = (await run('systemctl', 'status', '--no-pager', '-n', '0', ...units)).text;
    return {
      name,
      end: 'FAILED',
      seconds: took(),
      saw: error.message.replaceAll(/\s+/g, ' '),
      log: `${error.stack}\n${states}\n${log}`,
    };
  } finally {
    clearTimeout(timer);
    await clear();
  }
}

/** The next trial finds no unit active, nor one that was started too often. */
async function clear() {
  await run('systemctl', 'kill', '--signal', 'SIGKILL', ...units.filter((unit) => unit.endsWith('.service')));
  await run('systemctl', 'stop', ...units);
  await run('systemctl', 'reset-failed');
}
