import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pool, type Respawn } from '../../../../src/tutorial/echo/respawn.js';
import { MAX_BOOT_FAILURES, MIN_UPTIME_MS } from '../../../../src/util/crash-history.js';

/** A parent and its children without any process: forks when the policy says so, on a clock of its own. */
class FakeParent {
  now = 0;
  readonly pool: Pool;
  gaveUp = false;
  /** Every delay between a death, or a failed fork, and the fork that follows. */
  readonly delays: number[] = [];
  readonly #due: { at: number; slot: number }[] = [];
  #nextPid = 100;

  constructor(readonly size: number) {
    this.pool = new Pool(size);
    for (let slot = 0; slot < size; slot++) this.fork(slot);
  }

  get alive(): number[] {
    return this.pool.pids;
  }

  get awaited(): number {
    return this.#due.length;
  }

  fork(slot: number, works = true): void {
    if (works) this.pool.forked(slot, this.#nextPid++, this.now);
    else this.#apply(this.pool.forkFailed(slot, this.now));
  }

  die(pid: number, served = false): void {
    this.#apply(this.pool.died(pid, served, this.now));
  }

  /** Lets time pass; forks that come due then work, or fail. */
  pass(milliseconds: number, works = true): void {
    const end = this.now + milliseconds;
    for (;;) {
      const next = this.#due.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#due.splice(this.#due.indexOf(next), 1);
      this.now = Math.max(this.now, next.at);
      this.fork(next.slot, works);
    }
    this.now = end;
  }

  /** Lets just so much time pass that every slot has a child again. */
  refill(): void {
    while (this.awaited > 0 && !this.gaveUp) this.pass(50);
  }

  #apply(next: Respawn | undefined): void {
    if (next === undefined) return;
    if (next.type === 'give up') this.gaveUp = true;
    else {
      this.delays.push(next.delay);
      this.#due.push({ at: this.now + next.delay, slot: next.slot });
    }
  }
}

const sizes = fc.integer({ min: 1, max: 16 });

test('a child that lived well is replaced at once, however often', () => {
  const parent = new FakeParent(3);
  for (let i = 0; i < 100; i++) {
    parent.pass(MIN_UPTIME_MS);
    parent.die(parent.alive[0] as number);
  }
  expect(parent.delays).toEqual(Array(100).fill(0));
});

test('one that served a client is, too, however short its life: no client can end the server', () => {
  const parent = new FakeParent(1);
  for (let i = 0; i < 100; i++) {
    parent.die(parent.alive[0] as number, true);
    parent.pass(0);
  }
  expect(parent.delays).toEqual(Array(100).fill(0));
  expect(parent.gaveUp).toBe(false);
});

test('children that die at once come back later and later, until the parent gives up', () => {
  const parent = new FakeParent(1);
  while (!parent.gaveUp) {
    parent.die(parent.alive[0] as number);
    parent.refill();
  }
  expect(parent.delays).toEqual([0, 100, 200, 400, 800]);
});

test('it gives up after the same number of early deaths in every slot, in whatever order they come', () => {
  fc.assert(
    fc.property(sizes, fc.infiniteStream(fc.nat()), (size, choices) => {
      const parent = new FakeParent(size);
      let deaths = 0;
      while (!parent.gaveUp) {
        // Time stands still while any child is alive: none grows old.
        const { alive } = parent;
        if (alive.length === 0) parent.refill();
        else {
          parent.die(alive[choices.next().value % alive.length] as number);
          deaths++;
        }
      }
      expect(deaths).toBe(size * (MAX_BOOT_FAILURES + 1));
    }),
  );
});

test('one slot that fails, or one child that lives, is no reason to give up', () => {
  const parent = new FakeParent(2);
  const healthy = parent.alive[0] as number;
  parent.pass(MIN_UPTIME_MS);
  for (let i = 0; i < 50; i++) {
    for (const pid of parent.alive) if (pid !== healthy) parent.die(pid);
    parent.refill();
  }
  expect(parent.gaveUp).toBe(false);
  expect(Math.max(...parent.delays)).toBe(5000);
});

test('a fork that fails is tried again, later and later, and for ever', () => {
  const parent = new FakeParent(1);
  parent.die(parent.alive[0] as number);
  parent.pass(3_600_000, false);
  expect(parent.gaveUp).toBe(false);
  expect(parent.delays.slice(0, 8)).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000]);
  parent.pass(5000);
  expect(parent.alive).toHaveLength(1);
});

test('whatever happens, each slot has one child or one fork to come, until the parent gives up', () => {
  const steps = fc.array(
    fc.record({
      wait: fc.constantFrom(0, 0, 0, 10, 120, MIN_UPTIME_MS, 6000),
      victim: fc.nat(),
      served: fc.boolean(),
      stranger: fc.boolean(),
      works: fc.boolean(),
    }),
    { maxLength: 200 },
  );
  fc.assert(
    fc.property(sizes, steps, (size, story) => {
      const parent = new FakeParent(size);
      for (const { wait, victim, served, stranger, works } of story) {
        parent.pass(wait, works);
        if (stranger) parent.die(99);
        const pid = parent.alive[victim % Math.max(1, parent.alive.length)];
        if (pid !== undefined) parent.die(pid, served);
        if (parent.gaveUp) return;
        expect(parent.alive.length + parent.awaited).toBe(size);
        expect(new Set(parent.alive).size).toBe(parent.alive.length);
      }
    }),
  );
});
