import type { Options, Values } from './command.js';
import { print } from './print.js';
import { PIDFILE } from './resolve-server.js';
import { INTERVAL, interval, watch } from './watch.js';

/** The options of a command that shows what runs, once or again and again. */
export const LOOKING = {
  pidfile: PIDFILE,
  json: { type: 'boolean', help: 'as JSON; with --watch, one line for each time' },
  watch: { type: 'boolean', help: 'show it again and again; q ends it' },
  interval: INTERVAL,
} as const satisfies Options;

/** Shows it as the options say; gives the exit status. @throws UsageError */
export function show<T>(
  { json = false, watch: again = false, interval: seconds }: Values<typeof LOOKING>,
  look: () => T,
  render: (now: T, before?: T) => string,
): Promise<number> {
  const milliseconds = interval(seconds);
  if (again) return watch({ look, render: json ? line : render, interval: milliseconds, full: !json });
  return print(json ? `${JSON.stringify(look(), null, 2)}\n` : render(look()));
}

function line(now: unknown): string {
  return `${JSON.stringify(now)}\n`;
}
