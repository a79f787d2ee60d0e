import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCalm, LOST_AFTER_MS, type WorkerFacts } from '../../../../src/monitor/policy/supervision.js';
import { LIMITS, remove, running, slotsOf, World, type Writable } from './supervision-world.js';

describe('supervision', () => {
  it('loads once and forks one worker for each slot', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), (target) => {
        const world = running(target);
        expect(slotsOf(world.ready())).toEqual(Array.from({ length: target }, (_, slot) => slot));
        expect(world.log.filter(({ type }) => type === 'load')).toHaveLength(1);
        expect(world.act()).toEqual([]);
      }),
    );
  });

  it('comes back to full strength whatever dies, in whatever order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(), { maxLength: 60 }), (target, dice) => {
        const world = new World(target);
        for (const die of dice) {
          world.act();
          if (die % 3 === 0) remove(world.workers, world.workers[die % Math.max(1, world.workers.length)]);
          else if (die % 7 === 0) remove(world.zygotes, world.zygotes[die % Math.max(1, world.zygotes.length)]);
          else world.step(die);
        }
        world.settle();
        expect(slotsOf(world.ready())).toEqual(Array.from({ length: target }, (_, slot) => slot));
        expect(world.zygotes).toHaveLength(1);
        expect(world.act()).toEqual([]);
      }),
    );
  });

  it('keeps as many workers ready through a reload as there were, and ends with new ones only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(), { maxLength: 80 }), (target, dice) => {
        const world = running(target);
        world.startReload();
        for (const die of dice) {
          world.act();
          expect(world.ready().length).toBeGreaterThanOrEqual(target);
          world.step(die);
        }
        world.settle();
        expect([world.reload, world.cutoverGeneration]).toEqual([undefined, undefined]);
        expect(world.log.filter(({ type }) => type === 'reloaded')).toHaveLength(1);
        expect(world.ready().map(({ generation }) => generation)).toEqual(Array(target).fill(2));
        expect(world.zygotes.map(({ generation }) => generation)).toEqual([2]);
      }),
    );
  });

  it('lets no old worker go while a new one of the reload is missing', () => {
    const world = running(2);
    world.startReload();
    world.act();
    world.step(); // Loaded.
    world.act();
    const fresh = world.workers.filter(({ generation }) => generation === 2);
    expect(fresh).toHaveLength(2);
    Object.assign(fresh[0] as object, { phase: 'ready' });
    Object.assign(fresh[1] as object, { phase: 'booting' });
    expect(world.act()).toEqual([]);
    Object.assign(fresh[1] as object, { phase: 'ready' });
    expect(world.act().map(({ type }) => type)).toEqual(['retire', 'retire', 'cut over']);
  });

  it('calls a reload done when the last old worker has said that it accepts no more', () => {
    const world = running(2);
    const old = [...world.workers];
    world.startReload();
    while (world.cutoverGeneration === undefined) {
      world.act();
      world.step();
    }
    for (const worker of old) worker.accepting = true;
    expect(world.act().map(({ type }) => type)).toEqual(['end zygote']);
    Object.assign(old[0] as object, { accepting: false });
    expect(world.act()).toEqual([]);
    Object.assign(old[1] as object, { accepting: false });
    expect(world.act()).toEqual([{ type: 'reloaded' }]);
    expect(isCalm(world.facts())).toBe(false);
    world.settle();
    expect(isCalm(world.facts())).toBe(true);
  });

  it('replaces expired workers one at a time, the successor first', () => {
    const world = running(3);
    for (const worker of world.workers) worker.expired = true;
    for (let round = 0; round < 100; round++) {
      const forks = world.act().filter(({ type }) => type === 'fork');
      expect(forks.length).toBeLessThanOrEqual(1);
      expect(world.ready().length).toBeGreaterThanOrEqual(3);
      if (!world.step()) break;
    }
    expect(world.workers.every(({ expired }) => !expired)).toBe(true);
    expect(world.workers).toHaveLength(3);
  });

  it('has the workers of the highest slots leave when fewer are wanted, and forks when more are', () => {
    const world = running(4);
    world.target = 2;
    world.settle();
    expect(slotsOf(world.ready())).toEqual([0, 1]);
    world.target = 5;
    world.settle();
    expect(slotsOf(world.ready())).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([
    ['forking', 'bootTimeout'],
    ['booting', 'bootTimeout'],
    ['draining', 'grace'],
  ] as const)('kills a worker that is %s for longer than the %s', (phase, limit) => {
    const world = running(1);
    Object.assign(world.workers[0] as object, { phase, since: world.now });
    world.now += LIMITS[limit] - 1;
    expect(world.act().filter(({ type }) => type === 'kill')).toEqual([]);
    world.now += 1;
    expect(world.act()).toContainEqual(expect.objectContaining({ type: 'kill', record: 0 }));
    expect(world.act().filter(({ type }) => type === 'kill')).toEqual([]);
  });

  it('kills a worker whose event loop has not turned for the stuck time', () => {
    const world = running(2);
    const stuck = world.workers[1] as Writable<WorkerFacts>;
    stuck.heartbeat = 0; // The world leaves it alone from here on.
    expect(world.act()).toContainEqual(expect.objectContaining({ type: 'kill', record: stuck.record }));
  });

  it('refuses new clients when the service ends and nobody accepts them any more', () => {
    const world = running(2);
    world.stopping = { quick: false, since: world.now };
    expect(world.act().map(({ type }) => type)).toEqual(['retire', 'retire', 'end zygote']);
    Object.assign(world.workers[0] as object, { accepting: false });
    expect(world.act()).toEqual([]);
    Object.assign(world.workers[1] as object, { accepting: false });
    expect(world.act()).toEqual([{ type: 'refuse' }]);
  });

  it('ends a zygote that is late and cannot say so itself', () => {
    const world = new World(1);
    world.act();
    world.now += LIMITS.spawnTimeout + 1000;
    expect(world.act()).toContainEqual(expect.objectContaining({ type: 'end zygote', generation: 1 }));
  });

  it('goes on, and ends, without a worker that SIGKILL does not end', () => {
    const world = running(2);
    Object.assign(world.workers[0] as object, { killed: true, lost: true });
    expect(world.act()).toEqual([expect.objectContaining({ type: 'fork', slot: 0 })]);
    world.stopping = { quick: false, since: world.now };
    world.act();
    for (const worker of [...world.workers]) if (!worker.lost) remove(world.workers, worker);
    expect(world.act()).toEqual([]); // The zygote is being ended.
    world.now += LOST_AFTER_MS;
    expect(world.act().at(-1)).toEqual({ type: 'stopped' });
  });

  it('stops from any state: everyone is told once, overdue ones are killed, and it says when all are gone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.boolean(),
        (n, dice, quick) => {
          const world = new World(n);
          for (const die of dice) {
            world.act();
            world.step(die);
          }
          world.stopping = { quick, since: world.now };
          world.settle();
          expect(world.workers).toEqual([]);
          expect(world.zygotes).toEqual([]);
          expect(world.log.at(-1)).toEqual({ type: 'stopped' });
          const refusals = world.log.filter(({ type }) => type === 'refuse');
          expect(refusals).toHaveLength(1);
          const retired = world.log.flatMap((action) => (action.type === 'retire' ? action.record : []));
          expect(new Set(retired).size).toBe(retired.length);
        },
      ),
    );
  });
});
