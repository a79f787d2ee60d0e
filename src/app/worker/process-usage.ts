import { syncBuiltinESMExports } from 'node:module';
import perfHooks, { type EventLoopUtilization, type IntervalHistogram } from 'node:perf_hooks';

/** The methods of `process` that tell what the kernel has counted for it, which a fork begins anew: getrusage(2). */
const METHODS = ['cpuUsage', 'threadCpuUsage', 'resourceUsage'] as const;

type Usage = Record<string, number>;

/** One of those methods: what it told when the zygote came to rest, and what a worker adds to its own figures. */
interface Counter {
  readonly read: () => Usage;
  atRest: Usage;
  before: Usage;
}

const counters: Counter[] = [];
const histograms = new Set<WeakRef<IntervalHistogram>>();
/** When the zygote came to rest, as performance.now() has it. */
let restingSince = 0;
/** For how long the zygote had been at rest when this worker was forked, in milliseconds. */
let restedFor = 0;

/**
 * Takes over, before the app is loaded, what Node tells of a process's use of time, so that it goes on in a worker
 * where it stood in the zygote: an app that has asked there, and subtracts, must not find that a counter has decreased.
 * process.uptime(), hrtime() and performance.now() need nothing: they go on by themselves.
 */
export function watchUsage(): void {
  for (const name of METHODS) continueMethod(name);
  continueUtilization();
  rememberHistograms();
  syncBuiltinESMExports();
}

/** To be called when the zygote comes to rest. */
export function noteUsage(): void {
  restingSince = performance.now();
  for (const counter of counters) counter.atRest = counter.read();
}

/** To be called in a worker, before its event loop turns. */
export function continueUsage(): void {
  restedFor = performance.now() - restingSince;
  for (const counter of counters) counter.before = counter.atRest;
  for (const reference of histograms) restart(reference.deref());
}

function continueMethod(name: (typeof METHODS)[number]): void {
  const original: unknown = Reflect.get(process, name);
  if (typeof original !== 'function') return; // threadCpuUsage came with Node 23.9.
  const read = (...args: unknown[]): Usage => Reflect.apply(original, process, args);
  const counter: Counter = { read, atRest: {}, before: {} };
  counters.push(counter);
  // With a former result as its argument it gives the difference to that, which the same numbers are added to.
  Object.assign(process, { [name]: (...args: unknown[]) => total(read(...args), counter.before) });
}

function total(own: Usage, before: Usage): Usage {
  const entries = Object.entries(own).map(([name, value]) => {
    const earlier = before[name] ?? 0;
    return [name, name === 'maxRSS' ? Math.max(value, earlier) : value + earlier];
  });
  return Object.fromEntries(entries);
}

/** The zygote's rest is a call that blocks, which Node takes for activity. */
function continueUtilization(): void {
  const original = performance.eventLoopUtilization;
  const eventLoopUtilization: typeof original = (one, two) => {
    if (two !== undefined) return original.call(performance, one, two);
    const now = withoutRest(original.call(performance));
    return one === undefined ? now : original.call(performance, now, one);
  };
  Object.defineProperty(performance, 'eventLoopUtilization', {
    value: eventLoopUtilization,
    configurable: true,
    writable: true,
  });
  if ('eventLoopUtilization' in perfHooks) Object.assign(perfHooks, { eventLoopUtilization });
}

function withoutRest({ idle, active, utilization }: EventLoopUtilization): EventLoopUtilization {
  if (restedFor === 0) return { idle, active, utilization };
  const remaining = active - restedFor;
  return { idle, active: remaining, utilization: remaining / (idle + remaining) };
}

/** An event loop's delay, too, would be as long as the rest: one sample that outweighs all others. */
function rememberHistograms(): void {
  const original = perfHooks.monitorEventLoopDelay;
  Object.assign(perfHooks, {
    monitorEventLoopDelay: (...args: Parameters<typeof original>) => {
      const histogram = original(...args);
      histograms.add(new WeakRef(histogram));
      return histogram;
    },
  });
}

function restart(histogram: IntervalHistogram | undefined): void {
  if (histogram === undefined || !histogram.disable()) return; // False when it was not enabled.
  histogram.reset();
  histogram.enable();
}
