/** The worker that a line is about; the primary without it. */
export interface About {
  readonly slot: number;
  readonly generation: number;
  readonly pid: number;
}

export type Report = (event: string, message: string, about?: About) => void;

/** Writes one line about each event to standard error, in the form that the monitor's log has. */
export function eventLog(format: 'plain' | 'json'): Report {
  return (event, message, about) => {
    const line = format === 'json' ? jsonLine(event, message, about) : plainLine(message, about);
    process.stderr.write(`${line}\n`);
  };
}

function plainLine(message: string, about: About | undefined): string {
  const who = about ? `worker ${about.slot} gen ${about.generation} pid ${about.pid}` : `monitor pid ${process.pid}`;
  return `[prefork] ${who}: ${message.replace(/\s*\n\s*/g, ' ')}`;
}

function jsonLine(event: string, message: string, about: About | undefined): string {
  const level = event === 'warning' ? 'warn' : event.endsWith('failed') ? 'error' : 'info';
  const role = about === undefined ? 'monitor' : 'worker';
  return JSON.stringify({ time: new Date().toISOString(), level, role, event, message, pid: process.pid, ...about });
}
