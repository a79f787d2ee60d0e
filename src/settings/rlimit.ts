import { RESOURCES, type Resource, type ResourceLimit } from '../posix/credentials.js';

/** 'NAME=VALUE' or 'NAME=SOFT:HARD', as ulimit counts none of it: bytes, seconds, numbers. @throws RangeError */
export function parseRlimit(text: string): ResourceLimit {
  const limit = rlimitOf(text);
  if (limit === undefined) throw new RangeError(`no resource limit: '${text}'`);
  return limit;
}

/** The same; undefined when it is none. */
export function rlimitOf(text: string): ResourceLimit | undefined {
  const [, name = '', soft = '', hard = soft] = /^([a-z]+)=(\d+|unlimited)(?::(\d+|unlimited))?$/.exec(text) ?? [];
  if (!Object.hasOwn(RESOURCES, name)) return undefined;
  const limit = { resource: name as Resource, soft: amount(soft), hard: amount(hard) };
  const isNumber = [limit.soft, limit.hard].every((each) => each === UNLIMITED || Number.isSafeInteger(each));
  return isNumber && limit.soft <= limit.hard ? limit : undefined;
}

const UNLIMITED = Number.POSITIVE_INFINITY;

function amount(text: string): number {
  return text === 'unlimited' ? UNLIMITED : Number(text);
}
