import { getSystemErrorName } from 'node:util';
import { binding } from './binding.js';

/** struct nlmsghdr, all in the machine's order: length with this header, type, flags, sequence, port. netlink(7). */
const HEADER = 16;
const [ERROR, DONE] = [2, 3];
const SOCK_DIAG_BY_FAMILY = 20;
const [AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG] = [16, 3, 4];
/** NLM_F_REQUEST and NLM_F_DUMP: all that match. */
const REQUEST_ALL = 0x301;
/** The kernel puts at most half as much into one datagram. */
const DATAGRAM = 65536;
/** Milliseconds. */
const REPLY_TIMEOUT_MS = 1000;

/**
 * Lists sockets of this process's network namespace. sock_diag(7).
 * @param request what the protocol takes, such as `struct unix_diag_req`
 * @returns for each socket what the protocol gives, such as `struct unix_diag_msg`, and its attributes: see attributesOf()
 * @throws ENOENT when the kernel has no sock_diag for the protocol; EPERM, EACCES where it is not allowed
 */
export function sockDiag(request: Uint8Array): Buffer[] {
  const { socket, setsockopt, write, close } = binding();
  const fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG, true);
  try {
    setsockopt(fd, 'SO_RCVTIMEO', REPLY_TIMEOUT_MS);
    setsockopt(fd, 'SO_SNDTIMEO', REPLY_TIMEOUT_MS);
    const message = framed(request);
    write(fd, message, 0, message.length);
    return readAnswers(fd);
  } finally {
    close(fd);
  }
}

function readAnswers(fd: number): Buffer[] {
  const answers: Buffer[] = [];
  const buffer = Buffer.allocUnsafe(DATAGRAM);
  for (;;) {
    const datagram = Buffer.from(buffer.subarray(0, binding().read(fd, buffer, 0, DATAGRAM)));
    for (const { type, payload } of messagesOf(datagram)) {
      if (type === ERROR || type === DONE) return finished(payload, answers);
      answers.push(payload);
    }
  }
}

function framed(request: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32LE(HEADER + request.length, 0);
  header.writeUInt16LE(SOCK_DIAG_BY_FAMILY, 4);
  header.writeUInt16LE(REQUEST_ALL, 6);
  return Buffer.concat([header, request]);
}

/** The messages in one datagram. @throws EBADMSG */
export function messagesOf(datagram: Buffer): { readonly type: number; readonly payload: Buffer }[] {
  return split(datagram, HEADER, (at) => ({ length: datagram.readUInt32LE(at), type: datagram.readUInt16LE(at + 4) }));
}

/** What stands behind an answer's first `start` bytes: struct rtattr, by type. @throws EBADMSG */
export function attributesOf(answer: Buffer, start: number): Map<number, Buffer> {
  const rest = answer.subarray(start);
  const parts = split(rest, 4, (at) => ({ length: rest.readUInt16LE(at), type: rest.readUInt16LE(at + 2) }));
  return new Map(parts.map(({ type, payload }) => [type, payload]));
}

/** Parts that each begin with a header, which has their length, and end at a multiple of four. */
function split(
  bytes: Buffer,
  header: number,
  headerAt: (at: number) => { readonly length: number; readonly type: number },
): { readonly type: number; readonly payload: Buffer }[] {
  const parts: { readonly type: number; readonly payload: Buffer }[] = [];
  for (let at = 0; at + header <= bytes.length; ) {
    const { length, type } = headerAt(at);
    if (length < header || at + length > bytes.length) throw failure('EBADMSG', -74);
    parts.push({ type, payload: bytes.subarray(at + header, at + length) });
    at += (length + 3) & ~3;
  }
  return parts;
}

/** Both kinds of last message begin with a negative errno or 0. */
function finished(payload: Buffer, answers: Buffer[]): Buffer[] {
  const errno = payload.length < 4 ? 0 : payload.readInt32LE(0);
  if (errno < 0) throw failure(getSystemErrorName(errno), errno);
  return answers;
}

function failure(code: string, errno: number): Error {
  return Object.assign(new Error(`sock_diag ${code}`), { code, errno, syscall: 'sock_diag' });
}
