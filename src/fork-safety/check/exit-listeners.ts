import { whereWritten } from '../../node/function-places.js';
import type { Diagnostic } from '../diagnostic.js';

/** It only writes what loggers keep. */
const HARMLESS = /\/node_modules\/on-exit-leak-free\//;

/** What the app has to do at its exit: each worker that leaves does it, while the others serve on. */
export function exitListeners(): Diagnostic[] {
  const places = whereWritten(process.listeners('exit')).flatMap(({ place }) => place ?? []);
  return [...new Set(places.filter((place) => !HARMLESS.test(place)))].map((place) => ({
    kind: 'exit listener',
    severity: 'note',
    message: `an 'exit' listener at ${place} runs in every worker that leaves, while others serve on`,
    remedy:
      'if it removes something, give each worker its own in afterFork; if it writes what is kept, write that in beforeFork (prefork/app)',
    place,
  }));
}
