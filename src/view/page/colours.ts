import type { ClientView } from '../figure.js';

/** From 0 to 7, of a client's address: one of the page's own clients has one colour, with each server that it talks to. */
export type Colours = (address: string) => number;

export function coloursOf(clients: readonly ClientView[]): Colours {
  const known = new Map(clients.flatMap(({ id, ends }) => ends.map(({ address }) => [address, id % 8] as const)));
  return (address) => known.get(address) ?? colourOf(address);
}

function colourOf(address: string): number {
  // Ports of one moment differ by small even steps: multiplying by the golden ratio spreads them.
  return Math.imul(Number(address.slice(address.lastIndexOf(':') + 1)), 0x9e3779b1) >>> 29;
}
