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
 * The same by one full collection, which takes half the time: what weak references held meanwhile, a second one would
 * find. Where V8 takes a tenth of its memory or more for garbage, buffers included, it makes a second one as well, or
 * begins to mark for it. v8::Isolate::MemoryPressureNotification()
 * @returns false where this Node does not export the function: then nothing was done
 */
export function memoryPressureNotification(): boolean {
  return binding().memoryPressureNotification();
}

/**
 * Gives the kernel back what the C library's allocator has free, in whole pages. malloc_trim(3). Another allocator,
 * such as one that LD_PRELOAD names, is not touched.
 * @returns whether there was any
 */
export function trimMalloc(): boolean {
  return binding().trimMalloc();
}

/**
 * What this thread has spent on collections of its young generation since the first call, which has V8 say when each
 * begins and ends; what V8's helpers spend is not in it. v8::Isolate::AddGCPrologueCallback(), AddGCEpilogueCallback()
 * @returns in milliseconds of processor time; undefined where this Node does not export the functions
 */
export function scavengeTime(): number | undefined {
  const time = binding().scavengeTime();
  return time < 0 ? undefined : time;
}

/**
 * Lets V8 double this thread's young generation as long as the double is at most so many bytes, both halves counted, and
 * no further, from this call on; 0 for not at all. Before the first call, V8 doubles it as it likes. While this thread
 * collects, it sets V8's flag --semi-space-growth-factor, which is the whole process's, and back to V8's default.
 * v8::V8::SetFlagsFromString()
 * @param bytes up to 2^53 - 1
 * @returns whether V8 may double it now; undefined where this Node does not export the functions: then nothing was done
 */
export function growYoungGeneration(bytes: number): boolean | undefined {
  return binding().growYoungGeneration(bytes);
}

/** The processor time that this thread has taken, in milliseconds. CLOCK_THREAD_CPUTIME_ID of clock_gettime(2). */
export function threadCpuTime(): number {
  return binding().threadCpuTime();
}

/**
 * Has V8 compute the hash of each string of this thread's heap that has none, up to 256 characters long. It would do so
 * when the string is first used as a key, and then writes to the page that the string is in. To be called where all
 * other threads rest: what collectors free meanwhile must not be touched.
 * @returns how many strings that was; undefined where this Node's V8 is not as expected: then nothing was done
 */
export function hashStrings(): number | undefined {
  const count = binding().hashStrings();
  return count < 0 ? undefined : count;
}
