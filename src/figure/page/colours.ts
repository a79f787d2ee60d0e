/** Gives a client's address the number of its colour, 0 to 7. */
export type Colours = (address: string) => number;

export const colourOf: Colours = (address) =>
  // Ports of one moment differ by small even steps: multiplying by the golden ratio spreads them.
  Math.imul(Number(address.slice(address.lastIndexOf(':') + 1)), 0x9e3779b1) >>> 29;
