// One running app, under plain node or under `prefork start`, as the trial sees it.
import { resolve } from 'node:path';
import { endAll, IS_ROOT, leftovers, start } from './processes.mjs';
import { eventually, GivenUp } from './wait.mjs';

const CLI = resolve(import.meta.dirname, '../../dist/cli/main.js');
const ROLES = ['monitor', 'zygote', 'worker'];
/** Far longer than it takes, so that only a hang reaches it. */
export const START_MILLISECONDS = 60_000;

let parts = 0;

class App {
  constructor(node, args, { env, cwd }) {
    this.part = `${++parts}`;
    this.process = start(node, args, { env, cwd, part: this.part, onError: (line) => this.heard(line) });
    this.ended = this.process.ended;
  }

  get isRunning() {
    return this.process.isRunning;
  }

  get output() {
    return `${this.process.stdout.text}${this.process.stderr.text}`;
  }

  /** Told each line of standard error. */
  heard() {}

  /** Waits until nothing of it is left. */
  async gone() {
    await eventually('nothing is left of it', 10_000, () => leftovers(this.part).length === 0);
  }

  /** Ends whatever is left of it. */
  async kill() {
    await endAll(this.part);
  }
}

export class PlainApp extends App {
  get pids() {
    return [this.process.pid];
  }
}

/** `prefork start` with its log as JSON, which is read. */
export class PreforkedApp extends App {
  events = [];
  /** The workers that serve, by slot. */
  workers = new Map();
  /** All that ever were workers. */
  pids = [];
  /** What the app itself wrote to standard error. */
  appLines = [];

  constructor(node, { nodeArgs, preforkArgs, script, appArgs, workers }, options) {
    const flags = ['-w', `${workers}`, '--log', 'json', ...(IS_ROOT ? ['--user', 'root'] : []), ...preforkArgs];
    super(node, [...nodeArgs, CLI, 'start', ...flags, script, '--', ...appArgs], options);
  }

  heard(line) {
    const event = eventOf(line);
    if (event === undefined) {
      this.appLines.push(line);
      return;
    }
    this.events.push(event);
    if (event.event === 'worker ready') {
      this.workers.set(event.slot, event.pid);
      this.pids.push(event.pid);
    }
    if (event.event === 'worker died' && this.workers.get(event.slot) === event.pid) this.workers.delete(event.slot);
  }

  /** Waits for an event that has not been given before. */
  async event(name, milliseconds = START_MILLISECONDS, from = 0) {
    return eventually(`'${name}' in the log`, milliseconds, () => {
      const found = this.events.slice(from).find(({ event }) => event === name);
      if (found === undefined && !this.isRunning) throw new GivenUp(`it ended without '${name}' in its log`);
      return found;
    });
  }
}

function eventOf(line) {
  const begin = line.indexOf('{"time":"');
  if (begin < 0) return undefined;
  try {
    const event = JSON.parse(line.slice(begin));
    return ROLES.includes(event.role) && typeof event.event === 'string' ? event : undefined;
  } catch {
    return undefined;
  }
}
