import { type Colours, colourOf } from '../../figure/page/colours.js';
import type { ClientView } from '../messages.js';

/** One of the page's own clients has one colour, with each server that it talks to. */
export function coloursOf(clients: readonly ClientView[]): Colours {
  const known = new Map(clients.flatMap(({ id, ends }) => ends.map(({ address }) => [address, id % 8] as const)));
  return (address) => known.get(address) ?? colourOf(address);
}
