import type { History } from './history.js';
import type { Status } from './status.js';

export function renderJson(value: Status | History): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
