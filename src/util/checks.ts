/** Whether a value that another process has sent, or has written for others to read, is what it should be. */
export type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === 'string';
export const flag: Check = (value) => typeof value === 'boolean';
export const number: Check = (value) => Number.isFinite(value);
export const integer: Check = (value) => Number.isSafeInteger(value);

export function optional(check: Check): Check {
  return (value) => value === undefined || check(value);
}

export function nullable(check: Check): Check {
  return (value) => value === null || check(value);
}

export function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check);
}

export function oneOf(...values: readonly string[]): Check {
  return (value) => values.includes(value as string);
}

/** An object with these fields; it may have others as well. */
export function object(fields: Readonly<Record<string, Check>>): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const found = value as Readonly<Record<string, unknown>>;
    return Object.entries(fields).every(([name, check]) => check(Object.hasOwn(found, name) ? found[name] : undefined));
  };
}
