import { type ListenAddress, listenAddressText, parseListenAddress } from '../net/address.js';
import { parseDestination } from '../net/destination.js';
import { RESOURCES } from '../posix/credentials.js';
import { rlimitOf } from './rlimit.js';

/** A kind of values: what they are read from, and how they are written. */
export interface Kind<T> {
  /** What stands for the value in the help; none for a switch. */
  readonly placeholder?: string;
  /** What is wanted, in words. */
  readonly wanted: string;
  /** What a number counts that is no text, where text says it otherwise: 'milliseconds'. */
  readonly unit?: string;
  /** The kind of each element of a list. */
  readonly item?: Kind<unknown>;
  /** From text, as on the command line, or from what a program gives; undefined when it is wrong. */
  read(value: unknown): T | undefined;
  /** As text that read() takes. */
  write(value: T): string;
}

/** A whole number. */
export function integer(min: number, max: number): Kind<number> {
  return {
    placeholder: 'number',
    wanted: `a whole number from ${min} to ${max}`,
    read: (value) => within(Number.isInteger(value) ? value : digits(value), min, max),
    write: String,
  };
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
/** Less is most likely a number of seconds where one of milliseconds belongs. */
const MIN_DURATION_MS = 100;
const MAX_DURATION_MS = 24 * UNITS.d;

/** A time in milliseconds, as text in seconds unless it says otherwise. */
export function duration({ zero }: { zero: boolean }): Kind<number> {
  return {
    placeholder: 'time',
    wanted: `a time such as 30s, 500ms or 2m, from 100ms to 24d${zero ? ', or 0' : ''}`,
    unit: 'milliseconds',
    read: (value) => {
      const time = rounded(typeof value === 'string' ? milliseconds(value) : value);
      return zero && time === 0 ? 0 : within(time, MIN_DURATION_MS, MAX_DURATION_MS);
    },
    write: (time) => (time % UNITS.s === 0 ? `${time / UNITS.s}s` : `${time}ms`),
  };
}

function milliseconds(text: string): number | undefined {
  const [, number, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|[smhd])?$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit as keyof typeof UNITS];
}

const SIZES = ['', 'K', 'M', 'G', 'T'];
const MEBIBYTE = 2 ** 20;

/** Bytes. */
export const size: Kind<number> = {
  placeholder: 'size',
  wanted: 'a size such as 300M or 1.5G, from 1M to 1024T, or 0',
  unit: 'bytes',
  read: (value) => {
    const bytes = rounded(typeof value === 'string' ? bytesOf(value) : value);
    return bytes === 0 ? 0 : within(bytes, MEBIBYTE, 2 ** 50);
  },
  write: (bytes) => (bytes % MEBIBYTE === 0 ? `${bytes / MEBIBYTE}M` : `${bytes}`),
};

function bytesOf(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)([KMGT])?$/i.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * 1024 ** SIZES.indexOf(unit.toUpperCase());
}

/** A part of 1, as text per cent. */
export const percentage: Kind<number> = {
  placeholder: 'percent',
  wanted: 'per cent, from 0 to 100',
  unit: 'parts of 1',
  read: (value) => {
    const [, number] = typeof value === 'string' ? (/^(\d+(?:\.\d+)?)%?$/.exec(value) ?? []) : [];
    // Shifted as text: a division would round once more.
    return within(typeof value === 'string' ? Number(`${number}e-2`) : value, 0, 1);
  },
  write: (part) => `${Number((part * 100).toPrecision(15))}%`,
};

/** Text that is not empty. */
export function text(placeholder: string): Kind<string> {
  return {
    placeholder,
    wanted: 'text that is not empty',
    read: (value) => (typeof value === 'string' && value !== '' && !value.includes('\0') ? value : undefined),
    write: String,
  };
}

/** One of a few words. */
export function choice<const T extends string>(...words: readonly T[]): Kind<T> {
  return {
    placeholder: words.join('|'),
    wanted: words.join(' or '),
    read: (value) => words.find((word) => word === value),
    write: String,
  };
}

const YES = [true, 'true', 'yes', 'on', '1'];
const NO = [false, 'false', 'no', 'off', '0'];

/** Yes or no. */
export const toggle: Kind<boolean> = {
  wanted: 'true or false',
  read: (value) => (YES.some((yes) => yes === value) ? true : NO.some((no) => no === value) ? false : undefined),
  write: String,
};

/** Where to listen. */
export const address: Kind<ListenAddress> = {
  placeholder: 'address',
  wanted: 'PORT, HOST:PORT, [IPv6]:PORT, unix:PATH or unix:@NAME (of at most 107 bytes)',
  read: (value) => {
    const given = typeof value === 'number' ? String(value) : value;
    return typeof given === 'string' ? parseListenAddress(given) : undefined;
  },
  write: listenAddressText,
};

/** Permissions of a file, as chmod(1) has them. A number is refused: in JSON, 660 is none that is octal. */
export const octalMode: Kind<number> = {
  placeholder: 'mode',
  wanted: "an octal mode as text, such as '660'",
  read: (value) =>
    typeof value === 'string' && /^(0o?)?[0-7]{3}$/.test(value) ? Number.parseInt(value.slice(-3), 8) : undefined,
  write: (mode) => mode.toString(8).padStart(3, '0'),
};

/** A user, a group or both, as chown(1) has them. */
export const owner: Kind<string> = {
  placeholder: 'user:group',
  wanted: 'USER, USER:GROUP or :GROUP',
  read: (value) => (typeof value === 'string' && /^([^:\0]+(:[^:\0]+)?|:[^:\0]+)$/.test(value) ? value : undefined),
  write: String,
};

/** A limit of a resource: see parseRlimit(). */
export const rlimit: Kind<string> = {
  placeholder: 'name=value',
  wanted: `NAME=VALUE or NAME=SOFT:HARD, of ${Object.keys(RESOURCES).join(', ')}, with numbers or 'unlimited'`,
  read: (value) => (typeof value === 'string' && rlimitOf(value) ? value : undefined),
  write: String,
};

/** Which connects of the app are held until the fork: 'auto', 'none', or a destination. */
const holdTarget: Kind<string> = {
  placeholder: 'destination',
  wanted: 'auto, none, HOST:PORT, [IPv6]:PORT or a path',
  read: (value) => {
    if (typeof value !== 'string') return undefined;
    return value === 'auto' || value === 'none' || parseDestination(value) !== undefined ? value : undefined;
  },
  write: String,
};

/** Several of a kind; in one text separated by commas. */
export function list<T>(item: Kind<T>): Kind<readonly T[]> {
  return {
    ...(item.placeholder !== undefined && { placeholder: item.placeholder }),
    wanted: item.wanted,
    item,
    read: (value) => {
      const given: unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [value];
      // Empty text is how none is said: '--listen='.
      const items = given.filter((each) => each !== '').map((each) => item.read(each));
      return items.every((each) => each !== undefined) ? items : undefined;
    },
    write: (values) => values.map((value) => item.write(value)).join(','),
  };
}

/** A list of what is held, with commas in each flag, too; 'none' stands alone. */
export const holdTargets: Kind<readonly string[]> = {
  ...list(holdTarget),
  read: (value) => {
    const given: unknown[] = Array.isArray(value) ? value : [value];
    const targets = list(holdTarget).read(given.flatMap((each) => (typeof each === 'string' ? each.split(',') : each)));
    return targets?.includes('none') && targets.length > 1 ? undefined : targets;
  },
};

function digits(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : undefined;
}

function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value) : value;
}

function within(value: unknown, min: number, max: number): number | undefined {
  return typeof value === 'number' && value >= min && value <= max ? value : undefined;
}
