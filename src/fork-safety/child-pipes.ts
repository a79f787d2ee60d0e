import { basename } from 'node:path';
import { sockDiag } from '../posix/sock-diag.js';
import { descriptorLinks, socketInode } from '../proc/descriptor-links.js';
import { parseUnixAnswer, unixRequest } from '../proc/diag.js';
import { readArguments } from '../proc/process.js';
import { childPids } from '../proc/threads.js';
import type { OpenSocket } from './descriptors.js';
import type { Diagnostic } from './diagnostic.js';

const REMEDY = 'its pipes read end of file in the workers; start it in afterFork (prefork/app) if they need it';

/** A child process of this one, and the sockets that are pipes to it. */
interface PipedChild {
  readonly pid: number;
  /** The name of its program. */
  readonly program: string;
  readonly sockets: readonly OpenSocket[];
}

/**
 * Children that are known by their pipes alone: a Worker has started them, or native code. Node makes pipes of pairs
 * of unix sockets without a name, so it counts who has the other end. Of the main thread's children more is known.
 * @param sockets those whose owner is unknown
 */
export function pipedChildren(sockets: readonly OpenSocket[]): PipedChild[] {
  const unnamed = sockets.filter(({ isLocal, type }) => isLocal && type === 'stream');
  if (unnamed.length === 0) return [];
  const ends = otherEnds();
  return childPids().flatMap((pid) => {
    const held = socketsOf(pid);
    const pipes = unnamed.filter(({ inode }) => held.has(ends.get(inode) ?? ''));
    return pipes.length === 0 ? [] : [{ pid, program: programOf(pid), sockets: pipes }];
  });
}

export function examinePiped({ pid, program, sockets }: PipedChild): Diagnostic {
  const fds = sockets.map(({ fd }) => fd);
  const message = `child process ${pid} (${program}) runs, started by a Worker or native code; its pipes: fd ${fds.join(', ')}`;
  return { kind: 'child process', severity: 'warning', message, remedy: REMEDY };
}

/** The inode of the other end of each unix socket that has one; empty where the kernel does not tell. */
function otherEnds(): Map<string, string> {
  try {
    const sockets = sockDiag(unixRequest()).map(parseUnixAnswer);
    return new Map(sockets.flatMap(({ inode, peer }) => (peer ? [[`${inode}`, `${peer}`] as const] : [])));
  } catch {
    return new Map(); // Then the sockets count as connected to anybody.
  }
}

/** Inodes. */
function socketsOf(pid: number): Set<string> {
  try {
    return new Set([...descriptorLinks(pid).values()].flatMap((link) => socketInode(link) ?? []));
  } catch {
    return new Set(); // It has ended, or is another user's.
  }
}

function programOf(pid: number): string {
  const [program] = readArguments(pid) ?? [];
  return program === undefined ? 'ended' : basename(program);
}
