import { binding } from './binding.js';

/**
 * Has V8 collect all that it can, and make its young generation small again, which gc() does not.
 * v8::Isolate::LowMemoryNotification(). It blocks for several full collections.
 * @returns false where this Node does not export the function: then nothing was done
 */
export function lowMemoryNotification(): boolean {
  return binding().lowMemoryNotification();
}

/**
 * Gives the kernel back what the C library's allocator has free, in whole pages. malloc_trim(3). Another allocator,
 * such as one that LD_PRELOAD names, is not touched.
 * @returns whether there was any
 */
export function trimMalloc(): boolean {
  return binding().trimMalloc();
}
