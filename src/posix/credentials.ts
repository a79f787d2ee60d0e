import { readFileSync } from 'node:fs';
import { binding } from './binding.js';

// What a process gives up before it executes another program. The calls of credentials(7) act on the calling thread
// alone: it is the one that execve(2) leaves. Node's process.setuid() and its like change all threads.

/** Sets the real, effective and saved user. setresuid(2). @throws EPERM without CAP_SETUID, EINVAL for no user's number */
export function setresuid(uid: number): void {
  binding().setresuid(uid);
}

/** Sets the real, effective and saved group. setresgid(2). @throws EPERM without CAP_SETGID, EINVAL for no group's number */
export function setresgid(gid: number): void {
  binding().setresgid(gid);
}

/** Sets the supplementary groups. setgroups(2). @throws EPERM without CAP_SETGID */
export function setgroups(gids: readonly number[]): void {
  binding().setgroups(gids);
}

/** Empties the effective, permitted and inheritable sets. capset(2), capabilities(7). */
export function clearCapabilities(): void {
  binding().clearCapabilities();
}

/**
 * Takes all capabilities out of the bounding set: no program that this process executes can get them. PR_CAPBSET_DROP in
 * prctl(2). @throws EPERM without CAP_SETPCAP
 */
export function emptyBoundingSet(): void {
  for (let capability = 0; ; capability++) {
    try {
      binding().dropBoundingCapability(capability);
    } catch (error) {
      // It is beyond the last one that the kernel knows.
      if ((error as NodeJS.ErrnoException).code === 'EINVAL' && capability > 0) return;
      throw error;
    }
  }
}

/** No program that this process executes gets more rights than it has, for good. PR_SET_NO_NEW_PRIVS in prctl(2). */
export function setNoNewPrivileges(): void {
  binding().setNoNewPrivileges();
}

/** Whether processes of the same user may look into this one. Forks inherit it. PR_SET_DUMPABLE in prctl(2). */
export function setDumpable(on: boolean): void {
  binding().setDumpable(on);
}

/** The limits of getrlimit(2), by their numbers on x86-64. */
export const RESOURCES = {
  ...{ cpu: 0, fsize: 1, data: 2, stack: 3, core: 4, rss: 5, nproc: 6, nofile: 7, memlock: 8, as: 9, locks: 10 },
  ...{ sigpending: 11, msgqueue: 12, nice: 13, rtprio: 14, rttime: 15 },
} as const;

export type Resource = keyof typeof RESOURCES;

/** A limit of a resource, in its own unit; Infinity for none. */
export interface ResourceLimit {
  readonly resource: Resource;
  readonly soft: number;
  readonly hard: number;
}

/** Limits what this process may use. setrlimit(2). @throws EPERM above the hard limit without CAP_SYS_RESOURCE, EINVAL */
export function setResourceLimit({ resource, soft, hard }: ResourceLimit): void {
  const value = (limit: number) => (limit === Number.POSITIVE_INFINITY ? -1 : limit);
  binding().setResourceLimit(RESOURCES[resource], value(soft), value(hard));
}

/** The capabilities that prefork itself looks for, by their numbers: capabilities(7). */
const CAPABILITIES = { CAP_SETGID: 6, CAP_SETUID: 7, CAP_SETPCAP: 8 } as const;

/** Which of these this process does not have now. /proc/self/status in proc(5). */
export function missingCapabilities(wanted: readonly (keyof typeof CAPABILITIES)[]): string[] {
  const [, text = '0'] = /^CapEff:\s+([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  const effective = BigInt(`0x${text}`);
  return wanted.filter((name) => ((effective >> BigInt(CAPABILITIES[name])) & 1n) === 0n);
}
