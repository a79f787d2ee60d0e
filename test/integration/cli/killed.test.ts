// Commands that start programs of their own, and are killed before they could end these.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { processesWithEnvironment } from '../../helpers/proc.js';
import { startPrefork } from '../../helpers/process.js';
import { eventually } from '../../helpers/wait.js';

test.each(['view', 'compare'])('%s leaves no server behind', async (name) => {
  const id = randomUUID();
  const processes = () => processesWithEnvironment('KILLED_TEST', id);
  const command = await startPrefork([name], { env: { KILLED_TEST: id } });
  await eventually('a server of its own has children', () => processes().length >= 4);
  process.kill(command.pid, 'SIGKILL');
  expect(await command.exit).toEqual({ code: null, signal: 'SIGKILL' });
  await eventually('all of them have ended', () => processes().length === 0);
});
