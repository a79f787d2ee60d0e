import { TokenBucket } from '../util/token-bucket.js';

/**
 * How much a process may say to the monitor, at once and each second in the long run. prefork's own messages are few: a
 * worker that opens and closes a server for each of 100 clients a second stays below.
 */
const OWN = { burst: 4000, perSecond: 500 };
/** A message costs one, and one more for each so many bytes: they have to be read and parsed. */
const BYTES_PER_TOKEN = 4096;
/** To open a socket takes the monitor longer than to read a message. */
const LISTEN_COST = 2;
/** The same for what the app sends to the monitor's parent, which may be more. */
const FOR_PARENT = { burst: 10_000, perSecond: 2000 };

/** What one read from a process's channel has brought. */
export interface Heard {
  /** The types of prefork's own messages in it. */
  readonly types: readonly string[];
  /** How many of the app's messages to the monitor's parent. */
  readonly forParent: number;
  /** Some bytes of it belong to such a message. */
  readonly hasAppBytes: boolean;
  readonly bytes: number;
}

/** What is to become of a process that has said so much: heard on, in so many milliseconds, or never. */
export type Verdict = { readonly type: 'hear'; readonly after: number } | { readonly type: 'too much' };

/**
 * Bounds the time that one process can have the monitor spend on it. More of prefork's own messages than any app makes it
 * send are an attack. What the app says to the monitor's parent is the app's to decide, so that it only has to wait.
 * Times are milliseconds of a steady clock.
 */
export class MessageRate {
  readonly #own = new TokenBucket(OWN);
  readonly #forParent = new TokenBucket(FOR_PARENT);

  hear({ types, forParent, hasAppBytes, bytes }: Heard, now: number): Verdict {
    const weight = Math.floor(bytes / BYTES_PER_TOKEN);
    // A read that brings no whole message costs time as well.
    const own = types.reduce((sum, type) => sum + (type === 'listen' ? LISTEN_COST : 1), 0);
    const isForOwn = !hasAppBytes;
    if (!this.#own.take(isForOwn ? Math.max(1, own) + weight : own, now)) return { type: 'too much' };
    return { type: 'hear', after: isForOwn ? 0 : this.#forParent.spend(Math.max(1, forParent) + weight, now) };
  }
}

/** What is logged of a process that has said too much, to follow 'it'. */
export const TOO_MUCH = `sent more messages than the ${OWN.burst} at once and ${OWN.perSecond} a second that are heard`;
