import { lookup } from 'node:dns/promises';
import { hostAndPort } from '../net/address.js';
import type { Settings } from '../settings/index.js';
import { type Seen, type StatusServer, serveStatus } from '../status/index.js';
import type { MonitorEvent } from './events.js';
import type { Privileges } from './privileges.js';
import { StatusProcess } from './status-process.js';

export interface StatusStart {
  readonly seen: Seen;
  readonly report: (event: MonitorEvent) => void;
  readonly privileges: Privileges;
}

type StatusSettings = Pick<Settings, 'statusHost' | 'statusPort' | 'log'>;

/** Serves the status page. @throws Error that names the flag */
export async function startStatus(
  { statusHost: host, statusPort: port = 0, log }: StatusSettings,
  { seen, report, privileges }: StatusStart,
): Promise<StatusServer> {
  try {
    const warn = (message: string) => report({ type: 'warning', message });
    // With another user, nothing that the network sends is read with the monitor's rights.
    const status =
      privileges.identity === undefined || privileges.identity.uid === 0
        ? await serveStatus({ host, port, ...seen, warn })
        : new StatusProcess({ host, address: (await lookup(host)).address, port, log, privileges, ...seen, warn });
    report({ type: 'status served', url: `http://${hostAndPort(host, status.port)}/` });
    return status;
  } catch (cause) {
    throw new Error(`--status-port: ${(cause as Error).message}`, { cause });
  }
}
