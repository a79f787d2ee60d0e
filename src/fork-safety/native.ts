import { descriptorLinks } from '../proc/descriptor-links.js';
import { mappedFiles } from '../proc/maps.js';
import { threadNames } from '../proc/threads.js';
import { packageOf } from '../util/call-site.js';
import type { Diagnostic } from './diagnostic.js';

/** Native code whose connections do not go on in a fork, and how it is seen that it has any. */
interface Known {
  readonly name: string;
  /** The path of its module. */
  readonly module: RegExp;
  /** The names of threads that it has started. */
  readonly threads?: RegExp;
  /** The paths of files that it has open. */
  readonly files?: RegExp;
  readonly remedy: string;
}

/** This package's. */
const OWN = /\/prefork\.node$/;

export const FIRST_IN_WORKER = 'make it in afterFork (prefork/app) and not before, or start with --no-preload';

const KNOWN: readonly Known[] = [
  {
    name: 'lmdb',
    module: /\/node_modules\/(@lmdb\/|lmdb|node-lmdb)/,
    files: /(\/(data|lock)\.mdb|-lock)$/,
    remedy: 'close it in beforeFork and open it in afterFork (prefork/app), or start with --no-preload',
  },
  { name: 'zeromq', module: /\/node_modules\/zeromq/, threads: /^ZMQbg/, remedy: FIRST_IN_WORKER },
  {
    name: 'librdkafka',
    module: /\/node_modules\/(node-rdkafka|@confluentinc\/kafka-javascript)/,
    threads: /^rdk:/,
    remedy: FIRST_IN_WORKER,
  },
];

/** What native code has open that a fork would break, though no connected socket of it may show. */
export function examineNativeCode(): Diagnostic[] {
  const modules = nativeModules();
  const loaded = KNOWN.filter(({ module }) => modules.some((path) => module.test(path)));
  if (loaded.length === 0) return [];
  const [names, paths] = [threadNames(), [...descriptorLinks('self').values()]];
  return loaded.flatMap(({ name, threads, files, remedy }): Diagnostic[] => {
    const seen = [
      ...names.filter((each) => threads?.test(each)).map((each) => `thread ${each}`),
      ...paths.filter((each) => files?.test(each)),
    ];
    if (seen.length === 0) return [];
    const message = `native code of ${name} is in use (${[...new Set(seen)].join(', ')}), and does not go on in a fork`;
    return [{ kind: 'native code', severity: 'refusal', message, remedy }];
  });
}

/** ' of zeromq', by the native modules that are loaded; several where it cannot be told whose it is. */
export function byNativeCode(): string {
  const names = new Set(nativeModules().flatMap((path) => packageOf(path) ?? []));
  const [only] = names;
  if (names.size === 1) return `by native code of ${only}`;
  return names.size === 0 ? 'by native code' : `by native code, of ${[...names].join(' or ')}`;
}

/** The paths of the app's native modules. */
function nativeModules(): string[] {
  return mappedFiles().filter((path) => path.endsWith('.node') && !OWN.test(path));
}
