import type { Status } from './status.js';

export function renderJson(status: Status): string {
  return `${JSON.stringify(status, null, 2)}\n`;
}
