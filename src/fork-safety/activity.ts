import type { ChildProcess } from 'node:child_process';
import { Server } from 'node:net';
import { activeHandles, isWatcher } from '../node/handles.js';
import { randomPools } from '../node/random-pools.js';
import { surplusThreads, workerIdIn } from '../node/thread-names.js';
import { threadNames } from '../proc/threads.js';
import { type Diagnostic, from } from './diagnostic.js';
import type { Recording } from './resource-tracker.js';
import type { Threads } from './threads.js';
import { appTimers, timersText } from './timers.js';
import { workerText } from './worker-text.js';

/** The names that Node gives its threads; those of older Nodes have the process's. */
const NODES_THREADS = /^(node|WorkerThread|libuv-worker|V8Worker|DelayedTaskSche|SignalInspector|MainThread)/;

/** A timer that fires once and before so many milliseconds is a deadline, or the pause before another try. */
const SHORT_MS = 60_000;

/** @param waiting the app waits for what is held: what is to end that wait, once, is to go on in every worker */
export function examineTimers(waiting: boolean): Diagnostic[] {
  const timers = appTimers().filter(({ repeats }) => repeats || !waiting);
  return timers.map((each) => ({
    kind: 'timer',
    severity: each.repeats || each.duration >= SHORT_MS ? 'warning' : 'note',
    message: `${timersText(each)} will go on in every worker`,
    remedy: 'if only one is to run it, start it in afterFork when worker.slot is 0',
    place: each.place,
  }));
}

export function examineServers(threads?: Threads): Diagnostic[] {
  const servers = activeHandles().filter((handle) => handle instanceof Server) as Server[];
  const own = servers.map((server) => `a server listens on ${JSON.stringify(server.address())} by itself`);
  const ofWorkers = (threads?.servers ?? []).map(({ address, place, by }) => {
    return `a server listens on ${address} by itself${from('begun', place, by)}`;
  });
  return [...own, ...ofWorkers].map((message) => ({
    kind: 'server',
    severity: 'warning',
    message,
    remedy: 'every worker accepts from it too; let it listen in afterFork if each needs its own',
  }));
}

export function examineWatchers(recording: Recording, threads?: Threads): Diagnostic[] {
  const own = activeHandles()
    .filter(isWatcher)
    .map((watcher) => ({ place: recording.placeOf(watcher), by: undefined }));
  return [...own, ...(threads?.watchers ?? [])].map(({ place, by }) => ({
    kind: 'watcher',
    severity: 'warning',
    message: `a watcher of files${from('begun', place, by)}, will report to every worker`,
    remedy: 'close it in beforeFork; watch in afterFork, when worker.slot is 0 if only one is to',
    place,
  }));
}

export function examineChildren(recording: Recording): Diagnostic[] {
  return recording.children.map((child) => {
    const place = recording.placeOf(child);
    return {
      kind: 'child process',
      severity: 'warning',
      message: `${childText(child)} runs${from('started', place)}`,
      remedy: 'no worker hears from it; start it in afterFork',
      place,
    };
  });
}

export function childText({ pid, spawnfile }: ChildProcess): string {
  return `child process ${pid} (${spawnfile})`;
}

export function examineWorkers(recording: Recording, threads?: Threads): Diagnostic[] {
  const workers = threads?.workers ?? recording.startedWorkers;
  return workers.map((worker) => ({
    kind: 'Worker',
    severity: 'note',
    message: `${workerText(worker)} runs${from('started', worker.place)}; every worker has its own copy of it`,
    remedy: 'nothing to do where it waits for messages; if only one is to run it, start it in afterFork (prefork/app)',
    place: worker.place,
  }));
}

/** The thread that runs hooks for import. It is Node's own, and no Worker that the app could terminate. */
export function examineHooks(recording: Recording): Diagnostic[] {
  const { hooks } = recording;
  if (hooks.length === 0) return [];
  const causes = hooks.map(({ cause }) => cause).join(' and ');
  return [
    {
      kind: 'Worker',
      severity: 'note',
      message: `hooks for import run in a thread, by ${causes}; every worker has its own copy of it`,
      remedy: 'nothing to do',
      place: hooks[0]?.place,
    },
  ];
}

/** Threads of native code: those with names of their own, and those that have the name of the Worker that began them. */
export function examineThreads(recording: Recording, threads?: Threads): Diagnostic[] {
  const [main, ...others] = threadNames();
  const { threads: earlier, threadsOfWorkers } = recording;
  const isNodes = (name: string) => earlier.has(name) || name === main || NODES_THREADS.test(name);
  const isKnown = (name: string) => isNodes(name) || threadsOfWorkers.has(name);
  const foreign = others.filter((name) => !isKnown(name) && workerIdIn(name) === undefined);
  const named = [...new Set(foreign)].map((name) => {
    return `${foreign.filter((other) => other === name).length} thread(s) "${name}" of native code run`;
  });
  const inWorkers = [...surplusThreads(others)].map(([id, count]) => {
    const worker = threads?.worker(id) ?? { id, place: undefined };
    return `${count} thread(s) of native code run, begun by ${workerText(worker)}${from('started', worker.place)}`;
  });
  const remedy = 'they go on in every worker; start them in afterFork if they do input and output';
  return [...named, ...inWorkers].map((message) => ({ kind: 'thread', severity: 'warning', message, remedy }));
}

export function examineRandomPools(): Diagnostic[] {
  return randomPools().map(({ bytes, place }) => ({
    kind: 'random pool',
    severity: 'note',
    message: `a pool of ${bytes.byteLength} random bytes${from('filled', place)}, is filled anew in every worker`,
    remedy: 'nothing to do; a secret that all workers must share comes from randomBytes',
    place,
  }));
}
