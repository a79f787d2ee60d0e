import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCalm, LOST_AFTER_MS, type WorkerFacts } from '../../../../src/monitor/policy/supervision.js';
import { FakeService, LIMITS, remove, running, slotsOf, type Writable } from './fake-service.js';

describe('supervision', () => {
  it('loads once and forks one worker for each slot', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), (target) => {
        const service = running(target);
        expect(slotsOf(service.ready())).toEqual(Array.from({ length: target }, (_, slot) => slot));
        expect(service.log.filter(({ type }) => type === 'load')).toHaveLength(1);
        expect(service.act()).toEqual([]);
      }),
    );
  });

  it('comes back to full strength whatever dies, in whatever order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(), { maxLength: 60 }), (target, choices) => {
        const service = new FakeService(target);
        for (const choice of choices) {
          service.act();
          if (choice % 3 === 0) remove(service.workers, service.workers[choice % Math.max(1, service.workers.length)]);
          else if (choice % 7 === 0)
            remove(service.zygotes, service.zygotes[choice % Math.max(1, service.zygotes.length)]);
          else service.step(choice);
        }
        service.settle();
        expect(slotsOf(service.ready())).toEqual(Array.from({ length: target }, (_, slot) => slot));
        expect(service.zygotes).toHaveLength(1);
        expect(service.act()).toEqual([]);
      }),
    );
  });

  it('keeps as many workers ready through a reload as there were, and ends with new ones only', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(fc.nat(), { maxLength: 80 }), (target, choices) => {
        const service = running(target);
        service.startReload();
        for (const choice of choices) {
          service.act();
          expect(service.ready().length).toBeGreaterThanOrEqual(target);
          service.step(choice);
        }
        service.settle();
        expect([service.reload, service.cutoverGeneration]).toEqual([undefined, undefined]);
        expect(service.log.filter(({ type }) => type === 'reloaded')).toHaveLength(1);
        expect(service.ready().map(({ generation }) => generation)).toEqual(Array(target).fill(2));
        expect(service.zygotes.map(({ generation }) => generation)).toEqual([2]);
      }),
    );
  });

  it('lets no old worker go while a new one of the reload is missing', () => {
    const service = running(2);
    service.startReload();
    service.act();
    service.step(); // Loaded.
    service.act();
    const fresh = service.workers.filter(({ generation }) => generation === 2);
    expect(fresh).toHaveLength(2);
    Object.assign(fresh[0] as object, { phase: 'ready' });
    Object.assign(fresh[1] as object, { phase: 'booting' });
    expect(service.act()).toEqual([]);
    Object.assign(fresh[1] as object, { phase: 'ready' });
    expect(service.act().map(({ type }) => type)).toEqual(['retire', 'retire', 'cut over']);
  });

  it('calls a reload done when the last old worker has said that it accepts no more', () => {
    const service = running(2);
    const old = [...service.workers];
    service.startReload();
    while (service.cutoverGeneration === undefined) {
      service.act();
      service.step();
    }
    for (const worker of old) worker.accepting = true;
    expect(service.act().map(({ type }) => type)).toEqual(['end zygote']);
    Object.assign(old[0] as object, { accepting: false });
    expect(service.act()).toEqual([]);
    Object.assign(old[1] as object, { accepting: false });
    expect(service.act()).toEqual([{ type: 'reloaded' }]);
    expect(isCalm(service.facts())).toBe(false);
    service.settle();
    expect(isCalm(service.facts())).toBe(true);
  });

  it('replaces expired workers one at a time, the successor first', () => {
    const service = running(3);
    for (const worker of service.workers) worker.expired = true;
    for (let round = 0; round < 100; round++) {
      const forks = service.act().filter(({ type }) => type === 'fork');
      expect(forks.length).toBeLessThanOrEqual(1);
      expect(service.ready().length).toBeGreaterThanOrEqual(3);
      if (!service.step()) break;
    }
    expect(service.workers.every(({ expired }) => !expired)).toBe(true);
    expect(service.workers).toHaveLength(3);
  });

  it('has the workers of the highest slots leave when fewer are wanted, and forks when more are', () => {
    const service = running(4);
    service.target = 2;
    service.settle();
    expect(slotsOf(service.ready())).toEqual([0, 1]);
    service.target = 5;
    service.settle();
    expect(slotsOf(service.ready())).toEqual([0, 1, 2, 3, 4]);
  });

  it.each([
    ['forking', 'bootTimeout'],
    ['booting', 'bootTimeout'],
    ['draining', 'grace'],
  ] as const)('kills a worker that is %s for longer than the %s', (phase, limit) => {
    const service = running(1);
    Object.assign(service.workers[0] as object, { phase, since: service.now });
    service.now += LIMITS[limit] - 1;
    expect(service.act().filter(({ type }) => type === 'kill')).toEqual([]);
    service.now += 1;
    expect(service.act()).toContainEqual(expect.objectContaining({ type: 'kill', record: 0 }));
    expect(service.act().filter(({ type }) => type === 'kill')).toEqual([]);
  });

  it('kills a worker whose event loop has not turned for the stuck time', () => {
    const service = running(2);
    const stuck = service.workers[1] as Writable<WorkerFacts>;
    stuck.heartbeat = 0; // The service leaves it alone from here on.
    expect(service.act()).toContainEqual(expect.objectContaining({ type: 'kill', record: stuck.record }));
  });

  it('refuses new clients when the service ends and nobody accepts them any more', () => {
    const service = running(2);
    service.stopping = { quick: false, since: service.now };
    expect(service.act().map(({ type }) => type)).toEqual(['retire', 'retire', 'end zygote']);
    Object.assign(service.workers[0] as object, { accepting: false });
    expect(service.act()).toEqual([]);
    Object.assign(service.workers[1] as object, { accepting: false });
    expect(service.act()).toEqual([{ type: 'refuse' }]);
  });

  it('ends a zygote that is late and cannot say so itself', () => {
    const service = new FakeService(1);
    service.act();
    service.now += LIMITS.spawnTimeout + 1000;
    expect(service.act()).toContainEqual(expect.objectContaining({ type: 'end zygote', generation: 1 }));
  });

  it('goes on, and ends, without a worker that SIGKILL does not end', () => {
    const service = running(2);
    Object.assign(service.workers[0] as object, { killed: true, lost: true });
    expect(service.act()).toEqual([expect.objectContaining({ type: 'fork', slot: 0 })]);
    service.stopping = { quick: false, since: service.now };
    service.act();
    for (const worker of [...service.workers]) if (!worker.lost) remove(service.workers, worker);
    expect(service.act()).toEqual([]); // The zygote is being ended.
    service.now += LOST_AFTER_MS;
    expect(service.act().at(-1)).toEqual({ type: 'stopped' });
  });

  it('stops from any state: everyone is told once, overdue ones are killed, and it says when all are gone', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.boolean(),
        (n, choices, quick) => {
          const service = new FakeService(n);
          for (const choice of choices) {
            service.act();
            service.step(choice);
          }
          service.stopping = { quick, since: service.now };
          service.settle();
          expect(service.workers).toEqual([]);
          expect(service.zygotes).toEqual([]);
          expect(service.log.at(-1)).toEqual({ type: 'stopped' });
          const refusals = service.log.filter(({ type }) => type === 'refuse');
          expect(refusals).toHaveLength(1);
          const retired = service.log.flatMap((action) => (action.type === 'retire' ? action.record : []));
          expect(new Set(retired).size).toBe(retired.length);
        },
      ),
    );
  });
});
