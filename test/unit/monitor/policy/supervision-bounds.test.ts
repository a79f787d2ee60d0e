// However workers come, reach their limits and go: how many there may be at a time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkerFacts } from '../../../../src/monitor/policy/supervision.js';
import { remove, running, slotsOf, World, type Writable } from './supervision-world.js';

const serving = ({ workers }: World) => workers.filter(({ phase }) => phase !== 'draining');
const inSlot = (workers: readonly WorkerFacts[], slot: number) => workers.filter((worker) => worker.slot === slot);

/** What may happen to a service at any time, chosen by a number. */
function happen(world: World, die: number): void {
  const worker = world.workers[die % Math.max(1, world.workers.length)];
  const kinds = [
    () => worker?.phase === 'ready' && Object.assign(worker, { expired: true }),
    () => remove(world.workers, worker),
    () => remove(world.zygotes, world.zygotes[0]),
    () => world.reload === undefined && world.cutoverGeneration === undefined && world.startReload(),
    () => {
      world.target = 1 + (die % 5);
    },
  ];
  const happens = kinds[die % 25]; // Most of the time the processes go on.
  if (happens) happens();
  else world.step(die);
}

/** A history of a service, looked at after each step; at its end it is back at full strength. */
function history(
  look: (world: World, before: readonly WorkerFacts[]) => void,
  setUp: (world: World) => void = () => {},
) {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { maxLength: 150 }), (target, dice) => {
      const world = new World(target);
      setUp(world);
      for (const die of dice) {
        const before = world.workers.map((worker) => ({ ...worker }));
        world.act();
        look(world, before);
        for (const part of [die, die >> 5, die >> 10].slice(0, 1 + (die % 3))) happen(world, part);
      }
      world.settle();
      expect(slotsOf(world.ready())).toEqual(Array.from({ length: world.target }, (_, slot) => slot));
    }),
    { numRuns: 300 },
  );
}

describe('supervision', () => {
  it('never has more than one worker beside the one of a slot, but those that drain', () => {
    history((world) => {
      for (let slot = 0; slot < world.target; slot++) {
        expect(inSlot(serving(world), slot).length).toBeLessThanOrEqual(2);
      }
    });
  });

  it('has one worker more than are wanted, at most, when workers reach a limit as soon as they are ready', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { maxLength: 150 }), (target, dice) => {
        const world = running(target);
        for (const die of dice) {
          for (const worker of world.workers) worker.expired ||= worker.phase === 'ready';
          world.act();
          expect(serving(world).length).toBeLessThanOrEqual(target + 1);
          // Each has let its predecessor leave.
          expect(slotsOf(world.ready())).toEqual(Array.from({ length: target }, (_, slot) => slot));
          world.step(die);
        }
      }),
    );
  });

  it('tells each expired worker to leave once its successor is ready, whatever has become of that one', () => {
    history((world, before) => {
      for (const worker of before.filter(({ phase, expired }) => phase === 'ready' && expired)) {
        const isReplaced = before.some((other) => {
          return other.slot === worker.slot && other.serial > worker.serial && other.phase === 'ready' && !other.killed;
        });
        const now = world.workers.find(({ serial }) => serial === worker.serial);
        if (isReplaced) expect(now?.phase).toBe('draining');
      }
    });
  });

  it('waits with the successor of an expired worker as long as it is told to', () => {
    const world = running(2);
    for (const worker of world.workers) worker.expired = true;
    world.renewNotBefore.push(world.now + 100, world.now + 50);
    expect(world.act()).toEqual([]);
    world.now += 50;
    expect(world.act()).toEqual([expect.objectContaining({ type: 'fork', slot: 1 })]);
  });

  it('lets a generation take over although its workers have reached a limit already', () => {
    const world = running(3);
    world.startReload();
    for (let round = 0; round < 60; round++) {
      world.act();
      for (const worker of world.workers) worker.expired ||= worker.phase === 'ready' && worker.generation === 2;
      world.step();
    }
    expect([world.reload, world.cutoverGeneration]).toEqual([undefined, undefined]);
    expect(serving(world).every(({ generation }) => generation === 2)).toBe(true);
  });

  it('never has more workers than records, those that drain for long with them', () => {
    const records = 10; // Twice as many as there are ever to be.
    history(
      (world) => {
        expect(world.workers.length).toBeLessThanOrEqual(records);
      },
      (world) => {
        Object.assign(world, { records, stay: true });
      },
    );
  });

  it('ends those that have drained the longest when there is no record for new ones, and no more than it needs', () => {
    const world = running(2);
    const [first, second] = world.workers as [Writable<WorkerFacts>, Writable<WorkerFacts>];
    Object.assign(first, { phase: 'draining', since: 10 });
    Object.assign(second, { phase: 'draining', since: 5 });
    world.workers.push({ ...first, record: 2, serial: 2, since: 7 });
    world.records = 3;
    world.now = 20;
    const reason = expect.stringContaining('no record on the scoreboard is free');
    expect(world.act()).toEqual([
      { type: 'kill', record: 1, reason },
      { type: 'kill', record: 2, reason },
    ]);
    expect(world.act()).toEqual([]);
    remove(world.workers, second);
    expect(world.act()).toEqual([expect.objectContaining({ type: 'fork' })]);
  });
});
