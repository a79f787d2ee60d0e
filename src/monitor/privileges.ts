import { accessSync, constants } from 'node:fs';
import { dirname } from 'node:path';
import {
  account,
  clearCapabilities,
  emptyBoundingSet,
  groupId,
  groupsOf,
  missingCapabilities,
  type ResourceLimit,
  setgroups,
  setNoNewPrivileges,
  setResourceLimit,
  setresgid,
  setresuid,
  userId,
} from '../posix/index.js';
import { invalid, parseRlimit, type Settings } from '../settings/index.js';
import { giveUpTerminal } from './terminal.js';

/** The user that processes of the app run as. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
  /** The supplementary groups. */
  readonly groups: readonly number[];
  /** The account's name; the number where the user has none. */
  readonly name: string;
  readonly home: string;
}

/** The rights with which the processes of the app run. */
export interface Privileges {
  /** Undefined: as the monitor. */
  readonly identity: Identity | undefined;
  /** They can get no others: no_new_privs, an empty capability bounding set. */
  readonly final: boolean;
  readonly limits: readonly ResourceLimit[];
}

/** The settings that say with which rights the app runs. */
export type PrivilegeSettings = Pick<Settings, 'user' | 'group' | 'groups' | 'allowNewPrivileges' | 'rlimit'>;

const NO_CORE: ResourceLimit = { resource: 'core', soft: 0, hard: 0 };

/**
 * What the settings say, looked up once for the service: what a name means may change.
 * @throws PreforkError ERR_PREFORK_INVALID_OPTION where there is no such user, or this process may not change its user
 */
export function resolvePrivileges(settings: PrivilegeSettings): Privileges {
  const { user, group, groups, allowNewPrivileges, rlimit } = settings;
  const limits = rlimit.map(parseRlimit);
  if (user === undefined) {
    if (group !== undefined || groups !== undefined) throw invalid('--group and --groups need --user');
    return { identity: undefined, final: false, limits };
  }
  const identity = identityOf(user, group, groups);
  checkRights(user, identity);
  // Root stays what it is: '--user root' says that it is meant.
  if (identity.uid === 0) return { identity, final: false, limits };
  const dumps = limits.some(({ resource }) => resource === 'core');
  return { identity, final: !allowNewPrivileges, limits: dumps ? limits : [...limits, NO_CORE] };
}

/** What is worth a warning in the log. */
export function privilegeWarnings({ user, rlimit }: PrivilegeSettings): string[] {
  const warnings: string[] = [];
  if (user === undefined && process.geteuid?.() === 0) {
    warnings.push(
      'the app and its workers run as root: --user NAME gives them another user, --user root says that it is meant',
    );
  }
  if (rlimit.map(parseRlimit).some(({ resource }) => resource === 'as')) {
    warnings.push(
      "--rlimit as: V8 and WebAssembly reserve address space that they never use, and fail without it; --max-memory limits what workers hold, the service manager's limits (MemoryMax=) all of it",
    );
  }
  return warnings;
}

/**
 * In a process that is to execute another program: takes on the user and gives up all else, for good. Every call acts on
 * the calling thread, which is the one that execve(2) leaves.
 */
export function takePrivileges({ identity, final, limits }: Privileges): void {
  if (identity !== undefined && changes(identity)) giveUpTerminal();
  for (const limit of limits) setLimit(limit);
  if (identity === undefined) return;
  // While this process still has the right to; where it has not, no_new_privs alone keeps programs from capabilities.
  if (final && missingCapabilities(['CAP_SETPCAP']).length === 0) emptyBoundingSet();
  if (changes(identity)) {
    setgroups(identity.groups);
    setresgid(identity.gid);
    setresuid(identity.uid);
  }
  if (identity.uid !== 0) clearCapabilities();
  if (final) setNoNewPrivileges();
  Object.assign(process.env, { HOME: identity.home, USER: identity.name, LOGNAME: identity.name });
}

/**
 * Makes sure that the user can read a file.
 * @throws Error that says who, and which folder is in the way
 */
export function mustBeReadable(path: string, identity: Identity): void {
  const denied = firstDenied(path);
  if (denied === undefined) return;
  throw new Error(
    `user ${identity.name} (--user) may not read ${path}${denied === path ? '' : `, since it may not enter ${denied}`}; change the permissions, or install it elsewhere`,
  );
}

function firstDenied(path: string): string | undefined {
  const folders = [];
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) folders.unshift(folder);
  return (
    folders.find((folder) => isDenied(folder, constants.X_OK)) ?? (isDenied(path, constants.R_OK) ? path : undefined)
  );
}

/** Other errors, as of a file that is not there, are found where it is used. */
function isDenied(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES';
  }
}

function setLimit(limit: ResourceLimit): void {
  try {
    setResourceLimit(limit);
  } catch (cause) {
    throw new Error(`--rlimit ${limit.resource}: ${(cause as Error).message}`, { cause });
  }
}

function identityOf(user: string, group: string | undefined, groups: readonly string[] | undefined): Identity {
  const uid = numberOf('user', user, userId);
  const found = account(uid);
  const gid = group === undefined ? found?.gid : numberOf('group', group, groupId);
  if (gid === undefined) throw invalid(`--user ${user}: there is no account with this number; say its --group as well`);
  const own = found === undefined ? [gid] : groupsOf(found.name, gid);
  return {
    uid,
    gid,
    groups: groups?.map((name) => numberOf('groups', name, groupId)) ?? own,
    name: found?.name ?? String(uid),
    home: found?.home ?? '/',
  };
}

/** The largest number is none: it stands for "as it is". setresuid(2) */
const LARGEST_ID = 2 ** 32 - 2;

function numberOf(option: string, name: string, find: (name: string) => number | undefined): number {
  const id = find(name) ?? (/^\d+$/.test(name) ? Number(name) : undefined);
  if (id !== undefined && id <= LARGEST_ID) return id;
  const kind = option === 'user' ? 'user' : 'group';
  throw invalid(`--${option}: there is no ${kind} '${name}' on this machine; give a name or a number`);
}

function checkRights(user: string, identity: Identity): void {
  if (!changes(identity)) return;
  const missing = missingCapabilities(['CAP_SETUID', 'CAP_SETGID']);
  if (missing.length === 0) return;
  throw invalid(
    `--user ${user}: this process has no ${missing.join(' and no ')}; start it as root, or without --user as that user`,
  );
}

/** Whether it is another identity than this process has. */
function changes({ uid, gid, groups }: Identity): boolean {
  const now = process.getgroups?.() ?? [];
  const same = (wanted: readonly number[]) => wanted.every((id) => id === gid || now.includes(id));
  return uid !== process.geteuid?.() || gid !== process.getegid?.() || !same(groups);
}
