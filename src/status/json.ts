import type { Figure } from '../figure/figure.js';
import type { History } from './history.js';
import type { Status } from './status.js';

export function renderJson(value: Status | History | Figure): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
