/**
 * `import { serve } from 'prefork'`: runs an app preforked, from a program. `posix` is [prefork/posix](posix.md).
 *
 * @module prefork
 */
export * from '../../../src/index.js';

/** @ignore It has a page of its own: this one takes the place of the namespace that is exported above. */
export const posix = undefined;
