// What the public API's types are to be: prefork, prefork/app and prefork/posix, imported as users do. "npm run lint"
// compiles this file, which is never run. A type that changes by accident, or that becomes `any`, is an error here.
import type { EventEmitter } from 'node:events';
import {
  type Config,
  type MonitorEvent,
  PreforkError,
  type PreforkErrorCode,
  posix,
  type ServeOptions,
  type Service,
  type Snapshot,
  serve,
} from 'prefork';
import { afterFork, beforeFork, once, preforked, type WorkerIdentity, worker } from 'prefork/app';
import * as posixModule from 'prefork/posix';
import { expectTypeOf } from 'vitest';

// prefork
expectTypeOf(serve).returns.resolves.toEqualTypeOf<Service>();
expectTypeOf(serve).parameters.toEqualTypeOf<[ServeOptions & { readonly signal?: AbortSignal }]>();
serve({ app: 'app.js' });
serve({ app: new URL('file:///app.js'), args: ['a'], workers: 4, listen: [8080, 'unix:/run/app'], grace: '30s' });
serve({ app: 'app.js', maxMemory: '300M', jitter: '10%', signal: AbortSignal.timeout(1), env: { A: undefined } });
// @ts-expect-error: there must be an app
serve({ workers: 4 });
// @ts-expect-error: an unknown option
serve({ app: 'app.js', wrokers: 4 });
// @ts-expect-error: a number is not text
serve({ app: 'app.js', workers: '4' });
// @ts-expect-error: a mode is octal text
serve({ app: 'app.js', socketMode: 0o660 });

expectTypeOf<Config>().toExtend<Omit<ServeOptions, 'app'>>();
expectTypeOf<Config['log']>().toEqualTypeOf<'plain' | 'json' | undefined>();
expectTypeOf<Config['maxMemoryKind']>().toEqualTypeOf<'pss' | 'rss' | undefined>();

expectTypeOf<Service>().toExtend<EventEmitter & AsyncDisposable>();
expectTypeOf<Service['pid']>().toEqualTypeOf<number>();
expectTypeOf<Service['addresses']>().toEqualTypeOf<readonly string[]>();
expectTypeOf<Service['exitCode']>().toEqualTypeOf<number | null>();
expectTypeOf<Service['status']>().toEqualTypeOf<() => Snapshot>();
expectTypeOf<Service['reload']>().toEqualTypeOf<() => Promise<void>>();
expectTypeOf<Service['scale']>().toEqualTypeOf<(workers: number) => void>();
expectTypeOf<Service['close']>().toEqualTypeOf<(options?: { quick?: boolean | undefined }) => Promise<void>>();
expectTypeOf<Snapshot['workers'][number]['pid']>().toEqualTypeOf<number>();

export function events(service: Service): void {
  service.on('worker ready', (event) => {
    expectTypeOf(event.type).toEqualTypeOf<'worker ready'>();
    expectTypeOf(event.pid).toEqualTypeOf<number | undefined>();
    expectTypeOf(event.milliseconds).toEqualTypeOf<number>();
  });
  service.on('reload failed', ({ generation, reason }) => {
    expectTypeOf(generation).toEqualTypeOf<number>();
    expectTypeOf(reason).toEqualTypeOf<string>();
  });
  service.on('event', (event) => expectTypeOf(event).toEqualTypeOf<MonitorEvent>());
}

expectTypeOf(PreforkError).instance.toExtend<Error>();
expectTypeOf<PreforkError['code']>().toEqualTypeOf<PreforkErrorCode>();
expectTypeOf<'ERR_PREFORK_UNSUPPORTED'>().toExtend<PreforkErrorCode>();
expectTypeOf<string>().not.toExtend<PreforkErrorCode>();

// prefork/app
expectTypeOf(worker).toEqualTypeOf<WorkerIdentity | null>();
expectTypeOf<WorkerIdentity>().toEqualTypeOf<{
  readonly slot: number;
  readonly generation: number;
  readonly pid: number;
}>();
expectTypeOf(preforked).toEqualTypeOf<boolean>();
expectTypeOf(beforeFork).toEqualTypeOf<(hook: () => void | Promise<void>) => void>();
expectTypeOf(afterFork).toEqualTypeOf<(hook: (worker: WorkerIdentity) => void | Promise<void>) => void>();
expectTypeOf(once).toEqualTypeOf<(name: string, fn: () => unknown) => Promise<void>>();

// prefork/posix
expectTypeOf(posixModule).toEqualTypeOf<typeof posix>();
expectTypeOf(posix.fork).toEqualTypeOf<(options?: posixModule.ForkOptions) => number>();
expectTypeOf(posix.exit).returns.toEqualTypeOf<never>();
expectTypeOf(posix._exit).returns.toEqualTypeOf<never>();
expectTypeOf(posix.execve).returns.toEqualTypeOf<never>();
expectTypeOf(posix.accept).returns.toEqualTypeOf<posixModule.Accepted>();
expectTypeOf<posixModule.Accepted>().toEqualTypeOf<{
  readonly fd: number;
  readonly address: posixModule.Address;
}>();
expectTypeOf(posix.kill).toEqualTypeOf<(pid: number, signal?: NodeJS.Signals | number) => void>();
expectTypeOf(posix.pipe).returns.toExtend<readonly [number, number]>();
expectTypeOf(posix.waitpid).returns.toEqualTypeOf<posixModule.ChildStatus | undefined>();
expectTypeOf(posix.write).returns.toEqualTypeOf<number>();

// An address is opened, a descriptor is only told to listen.
expectTypeOf(posix.listen({ port: 0 })).toEqualTypeOf<posixModule.Listener>();
expectTypeOf(posix.listen(3)).toEqualTypeOf<void>();
