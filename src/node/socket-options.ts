import { Socket } from 'node:net';

/** Calls until V8 keeps feedback of a function, and more. */
const CALLS = 100;
/** Hidden classes at one place of which V8 keeps no record of each any more, and more. */
const SHAPES = 8;
/** The first version whose V8 is without the fault. */
const REPAIRED = 22;

/**
 * Has V8 copy a socket's options without its cache of copies. In Node 20 that gives each copy a hidden class that takes
 * no transitions: the three properties that net.Socket adds to the copy make three new hidden classes for each socket,
 * which no inline cache knows, and 1.5 KB in the old generation. The cache is given up where many shapes were copied.
 */
export function copySocketOptionsUncached(): void {
  if (Number.parseInt(process.versions.node, 10) >= REPAIRED) return;
  for (let n = 0; n < CALLS; n++) new Socket({ [`shape${n % SHAPES}`]: true } as object);
}
