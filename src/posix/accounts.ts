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

/** An entry of the user database. */
export interface Account {
  readonly name: string;
  /** The number of its own group. */
  readonly gid: number;
  readonly home: string;
}

/** The account that has this number; undefined when there is none. getpwuid(3). */
export function account(uid: number): Account | undefined {
  return binding().account(uid);
}

/** The numbers of all groups that an account is in. getgrouplist(3). @param gid its own group, which is among them */
export function groupsOf(name: string, gid: number): number[] {
  return binding().groupsOf(name, gid);
}
