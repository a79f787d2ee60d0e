import { binding } from './binding.js';

/** A user's number by name; undefined when there is no such user. getpwnam(3). */
export function userId(name: string): number | undefined {
  const id = binding().userId(name);
  return id === -1 ? undefined : id;
}

/** A group's number by name; undefined when there is no such group. getgrnam(3). */
export function groupId(name: string): number | undefined {
  const id = binding().groupId(name);
  return id === -1 ? undefined : id;
}
