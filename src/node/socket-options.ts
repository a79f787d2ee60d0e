import { Socket } from 'node:net';

/** More calls than V8 waits for before it records which hidden classes a function meets. */
const CALLS = 100;
/** More hidden classes than V8 tells apart at one place in the code. */
const SHAPES = 8;
/** The first major version of Node whose V8 is without the fault. */
const FIXED_IN = 22;

/**
 * Has V8 copy a socket's options without its cache of copies. In Node 20 the cache gives each copy a hidden class that
 * takes no transitions: the three properties that net.Socket adds to the copy make three new hidden classes for each
 * socket, which no inline cache knows, and 1.5 KB in the old generation. V8 gives the cache up at a place where it has
 * copied objects of many shapes.
 */
export function copySocketOptionsUncached(): void {
  if (Number.parseInt(process.versions.node, 10) >= FIXED_IN) return;
  for (let n = 0; n < CALLS; n++) new Socket({ [`shape${n % SHAPES}`]: true } as object);
}
