import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Figure } from '../figure/figure.js';
import { FigureTaker } from '../figure/taker.js';
import { LESSONS } from '../tutorial/lessons/index.js';
import { packageFile } from '../util/package-files.js';
import { Clients } from './clients.js';
import type { About, Act, Events, Scene, Stage } from './messages.js';
import type { Observable, Observed } from './observed.js';
import type { Recording } from './recording.js';
import type { Source } from './server.js';

/** Milliseconds between two looks. */
const INTERVAL = 200;
/** Milliseconds: a terminal that receives much is shown in steps. */
const TEXT_INTERVAL = 50;

/** The signals that would end any process but a monitor. */
const FOR_MONITORS: readonly NodeJS.Signals[] = ['SIGTTIN', 'SIGTTOU', 'SIGHUP'];

type Listener = Parameters<Source['subscribe']>[0];
/** @param changed to be called when a terminal shows more */
export type Stager = (scene: Exclude<Scene, { show: 'others' }>, changed: () => void) => Observed;

/** Looks at servers while a page is open, or a recording is made, and tells what has changed. */
export class Live implements Source {
  readonly #stager: Stager | undefined;
  readonly #recording: Recording | undefined;
  readonly #listeners = new Set<Listener>();
  readonly #clients = new Clients(() => this.#later('clients'));
  readonly #pending = new Map<'clients' | 'terminal', NodeJS.Timeout>();
  readonly #takers = new WeakMap<Observable, FigureTaker>();
  #observed: Observed;
  #run = 1;
  #timer: NodeJS.Timeout | undefined;
  #figures: readonly Figure[] = [];
  #known = '';
  /** Settles when the scene that was asked for last has begun. */
  #changing: Promise<void> = Promise.resolve();

  /** @param stager starts other scenes; without it there is just the one */
  private constructor(observed: Observed, stager: Stager | undefined, recording: Recording | undefined) {
    this.#observed = observed;
    this.#stager = stager;
    this.#recording = recording;
    if (recording !== undefined) this.#start();
  }

  static of(observed: Observed, recording?: Recording): Live {
    return new Live(observed, undefined, recording);
  }

  /** Resolves when the scene has begun. @throws when it cannot */
  static async on(stager: Stager, scene: Parameters<Stager>[0], recording?: Recording): Promise<Live> {
    let changed = () => {};
    const observed = stager(scene, () => changed());
    try {
      await observed.start();
    } catch (error) {
      await observed.close();
      throw error;
    }
    const live = new Live(observed, stager, recording);
    changed = () => live.#later('terminal');
    return live;
  }

  about(): About {
    const lessons = this.#stager === undefined ? [] : LESSONS.map(({ title }) => title);
    return { mode: 'live', frames: [], lessons };
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    listener('stage', this.#stage());
    this.#start();
    listener('figures', this.#figures);
    listener('clients', this.#clients.views());
    const { terminal } = this.#observed;
    if (terminal !== null) listener('terminal', terminal.view());
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0 || this.#recording !== undefined) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  async act(act: Act): Promise<void> {
    switch (act.act) {
      case 'connect':
        return this.#connect(act);
      case 'send':
        return this.#clients.send(act.client, act.text);
      case 'hang-up':
        return this.#clients.hangUp(act.client);
      case 'reset':
        return this.#clients.reset(act.client);
      case 'forget':
        return this.#clients.forget(act.client);
      case 'start':
        return this.#observed.start();
      case 'scene':
        return this.#show(act.scene);
      case 'pace': {
        const { terminal } = this.#observed;
        if (terminal !== null) terminal.pace = act.pace;
        return;
      }
      case 'next':
        this.#observed.terminal?.next();
        return;
      default:
        return this.#signal(act.pid, act.start, act.act);
    }
  }

  /** Ends the connections and the programs, too. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#listeners.clear();
    this.#clients.close();
    for (const timer of this.#pending.values()) clearTimeout(timer);
    this.#recording?.close();
    await this.#changing.catch(() => {});
    await this.#observed.close();
  }

  #connect({ kind, count }: Extract<Act, { act: 'connect' }>): void {
    const servers = this.#figures.flatMap(({ listeners: [first] }) => first?.address ?? []);
    if (servers.length < this.#figures.length || servers.length === 0) throw new Error('nothing listens on TCP');
    for (let n = 0; n < count; n++) this.#clients.open(servers, kind);
  }

  #signal(pid: number, start: number, signal: NodeJS.Signals): void {
    if (this.#observed.scene.show === 'others') {
      throw new Error('prefork view acts only on processes that it has started itself');
    }
    if (!this.#observed.programs.some((program) => program.has(pid, start))) {
      throw new Error(`process ${pid} has ended`);
    }
    const isMonitor = this.#figures.some(({ processes }) =>
      processes.some((p) => p.pid === pid && p.role === 'monitor'),
    );
    if (FOR_MONITORS.includes(signal) && !isMonitor) throw new Error(`process ${pid} is no monitor of prefork start`);
    process.kill(pid, signal);
  }

  /** One after the other: each ends what was shown before. */
  #show(scene: Parameters<Stager>[0]): Promise<void> {
    this.#changing = this.#changing.catch(() => {}).then(() => this.#change(scene));
    return this.#changing;
  }

  async #change(scene: Parameters<Stager>[0]): Promise<void> {
    if (this.#stager === undefined) throw new Error('prefork view shows only the processes that it was given');
    this.#clients.close();
    await this.#observed.close();
    const observed = this.#stager(scene, () => this.#later('terminal'));
    this.#observed = observed;
    this.#run++;
    this.#figures = [];
    this.#tell('stage', this.#stage());
    if (observed.terminal !== null) this.#tell('terminal', observed.terminal.view());
    await observed.start();
    if (this.#timer !== undefined) this.#poll();
  }

  #stage(): Stage {
    const { scene } = this.#observed;
    return { run: this.#run, scene, source: scene.show === 'lesson' ? sourceOf(scene.lesson) : null };
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => this.#poll(), INTERVAL);
    this.#poll();
  }

  #poll(): void {
    const { programs, scene, terminal } = this.#observed;
    const figures = programs.map((program) => {
      const taker = this.#takers.get(program) ?? new FigureTaker({ details: scene.show === 'lesson' });
      this.#takers.set(program, taker);
      const figure = taker.take(program.roots());
      program.saw(figure);
      terminal?.saw(figure);
      return figure;
    });
    this.#figures = figures;
    const text = JSON.stringify(figures.map(({ time: _, ...rest }) => rest));
    if (text === this.#known) return;
    this.#known = text;
    this.#recording?.add(figures);
    this.#tell('figures', figures);
  }

  #later(event: 'clients' | 'terminal'): void {
    if (this.#pending.has(event)) return;
    const tell = () => {
      this.#pending.delete(event);
      const { terminal } = this.#observed;
      if (event === 'clients') this.#tell(event, this.#clients.views());
      else if (terminal !== null) this.#tell(event, terminal.view());
    };
    this.#pending.set(event, setTimeout(tell, TEXT_INTERVAL));
  }

  #tell<E extends keyof Events>(event: E, data: Events[E]): void {
    for (const listener of this.#listeners) listener(event, data);
  }
}

/** The package has the sources of the lessons, whose names begin with their numbers. */
function sourceOf(lesson: number): string {
  const folder = packageFile('src/tutorial/lessons');
  const name = readdirSync(folder).find((file) => file.startsWith(`${lesson}-`)) ?? '';
  return readFileSync(join(folder, name), 'utf8');
}
