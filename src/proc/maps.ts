import { readFileSync } from 'node:fs';

/** The paths of the files that this process has mapped, each once. proc_pid_maps(5) */
export function mappedFiles(): string[] {
  const paths = readFileSync('/proc/self/maps', 'utf8').matchAll(/ (\/.*)$/gm);
  return [...new Set(Array.from(paths, ([, path]) => path as string))];
}
