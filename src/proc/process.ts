import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { type FdInfo, parseFdInfo } from './fdinfo.js';
import { type Link, parseLink } from './link.js';
import { pageSize } from './machine.js';
import { readBytes, readLink, readNumbers, readText, shown } from './read.js';
import { parseStat, type Stat } from './stat.js';
import { parseSyscall, parseWchan } from './syscall.js';
import { type Memory, parseRollup } from './usage.js';

export interface Thread {
  readonly tid: number;
  readonly name: string;
  readonly state: string;
  /** A system call with its descriptor, 'accept4(17)', or 'running', or the kernel's function that it sleeps in. */
  readonly waitsIn: string | null;
}

export interface Descriptor {
  readonly pid: number;
  readonly fd: number;
  readonly link: Link;
  readonly info: FdInfo;
}

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The program's name. */
  readonly name: string;
  /** The whole command line, or the title that the program has given itself. */
  readonly command: string;
  readonly state: string;
  /** The main thread first. */
  readonly threads: readonly Thread[];
  /** In bytes. */
  readonly rss: number;
  /** In bytes; null where it may not be read. */
  readonly pss: number | null;
  readonly private: number | null;
  /** Ascending; null where they may not be read. */
  readonly descriptors: readonly Descriptor[] | null;
  /** The namespace of its sockets; null where it may not be read. */
  readonly network: string | null;
  /** Whose it is. */
  readonly user: number | null;
}

export function readStat(pid: number): Stat | undefined {
  const text = readBytes(`/proc/${pid}/stat`);
  return text ? parseStat(text) : undefined;
}

/** Not so a zombie, unless it has further threads: those are still at it, and its descriptors are not closed yet. */
export function isAlive(pid: number): boolean {
  const state = readStat(pid)?.state;
  if (state !== 'zombie') return state !== undefined && state !== 'dead';
  return (readNumbers(`/proc/${pid}/task`) ?? []).length > 1;
}

/** The process that a thread belongs to; undefined when there is no such thread, or it is a process's main one. */
export function processOfThread(tid: number): number | undefined {
  const [, process] = /^Tgid:\s*(\d+)$/m.exec(readText(`/proc/${tid}/status`) ?? '') ?? [];
  return process === undefined || Number(process) === tid ? undefined : Number(process);
}

/** All that can be seen of a process; undefined when it has ended, also while it was read. */
export function readProcess(pid: number): Process | undefined {
  const stat = readStat(pid);
  if (stat === undefined) return undefined;
  const arguments_ = readCommandLine(pid);
  const process: Process = {
    pid,
    parent: stat.parent,
    name: nameOf(arguments_, stat),
    command: commandOf(arguments_) || `[${shown(stat.name)}]`,
    state: stat.state,
    threads: readThreads(pid),
    ...readMemory(pid, stat),
    descriptors: stat.state === 'zombie' ? [] : readDescriptors(pid),
    network: readLink(`/proc/${pid}/ns/net`) ?? null,
    user: ownerOf(pid),
  };
  return readStat(pid)?.startTime === stat.startTime ? process : undefined;
}

/** The user whose process it is, root for one that only root may look into; null where there is none. */
export function ownerOf(pid: number): number | null {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid ?? null;
}

/** The whole command line, or the title that the program has given itself; empty where it has none. */
export function readCommand(pid: number): string {
  return commandOf(readCommandLine(pid));
}

/** The program's path and its arguments, as it was started; undefined when it has ended. proc_pid_cmdline(5) */
export function readArguments(pid: number): string[] | undefined {
  return readBytes(`/proc/${pid}/cmdline`)?.toString('utf8').split('\0');
}

/** Each argument with a NUL behind it, as Latin-1. */
function readCommandLine(pid: number): string {
  return readText(`/proc/${pid}/cmdline`)?.replace(/\0+$/, '') ?? '';
}

function commandOf(arguments_: string): string {
  return shown(Buffer.from(arguments_.replaceAll('\0', ' '), 'latin1'));
}

/** 'nginx' of the title 'nginx: worker process', 'node' of a Node that calls its main thread otherwise. */
function nameOf(arguments_: string, stat: Stat): string {
  const program = basename(/^[^\0 :]*/.exec(arguments_)?.[0] ?? '');
  return program === '' ? shown(stat.name) : shown(Buffer.from(program, 'latin1'));
}

function readMemory(pid: number, stat: Stat): { rss: number; pss: number | null; private: number | null } {
  const rss = stat.residentPages * pageSize();
  const rollup = readText(`/proc/${pid}/smaps_rollup`);
  return rollup ? memoryOr(parseRollup(rollup), rss) : { rss, pss: null, private: null };
}

/** A process that ends has no memory any more, and its rollup no lines. */
function memoryOr(memory: Memory, rss: number): Memory {
  return memory.rss === 0 ? { ...memory, rss } : memory;
}

function readThreads(pid: number): Thread[] {
  return (readNumbers(`/proc/${pid}/task`) ?? []).flatMap((tid) => readThread(`/proc/${pid}/task/${tid}`, tid) ?? []);
}

function readThread(folder: string, tid: number): Thread | undefined {
  const text = readBytes(`${folder}/stat`);
  const stat = text ? parseStat(text) : undefined;
  if (stat === undefined) return undefined;
  const syscall = parseSyscall(readText(`${folder}/syscall`) || '');
  const waitsIn = syscall ?? parseWchan(readText(`${folder}/wchan`) || '') ?? null;
  return { tid, name: shown(stat.name), state: stat.state, waitsIn };
}

function readDescriptors(pid: number): Descriptor[] | null {
  const numbers = readNumbers(`/proc/${pid}/fd`);
  if (numbers === null) return null;
  return (numbers ?? []).flatMap((fd) => readDescriptor(pid, fd) ?? []);
}

/** Undefined when it has been closed meanwhile. */
function readDescriptor(pid: number, fd: number): Descriptor | undefined {
  const link = readLink(`/proc/${pid}/fd/${fd}`);
  const info = readText(`/proc/${pid}/fdinfo/${fd}`);
  if (link === undefined || info === undefined) return undefined;
  return { pid, fd, link: parseLink(link ?? 'unknown'), info: parseFdInfo(info ?? '') };
}
