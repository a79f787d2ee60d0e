/** Every coded error that prefork itself raises: what went wrong, and what to do about it. */
const TABLE = {
  ERR_PREFORK_UNSUPPORTED: {
    what: (detail: string) => `prefork needs Linux on x86-64 with glibc; this is ${detail}`,
    remedy: 'run it on such a machine; importing it elsewhere is harmless, using it is not possible',
  },
  ERR_PREFORK_NOT_BUILT: {
    what: (detail: string) => `the native addon could not be loaded: ${detail}`,
    remedy: 'run "npm rebuild prefork" (it needs a C++ compiler, make and python3)',
  },
} as const satisfies Record<string, { what: (detail: string) => string; remedy: string }>;

export type PreforkErrorCode = keyof typeof TABLE;

/** An error with a stable `code`; its message names the cause, `remedy` (also in the message) the way out. */
export class PreforkError extends Error {
  readonly code: PreforkErrorCode;
  readonly remedy: string;

  constructor(code: PreforkErrorCode, detail = '', options?: ErrorOptions) {
    const { what, remedy } = TABLE[code];
    super(`${what(detail)}; ${remedy}`, options);
    this.name = 'PreforkError';
    this.code = code;
    this.remedy = remedy;
  }
}
