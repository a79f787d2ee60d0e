// However workers come, reach their limits and go: how many there may be at a time.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WorkerFacts } from '../../../../src/monitor/policy/supervision.js';
import { FakeService, remove, running, slotsOf, type Writable } from './fake-service.js';

const serving = ({ workers }: FakeService) => workers.filter(({ phase }) => phase !== 'draining');
const inSlot = (workers: readonly WorkerFacts[], slot: number) => workers.filter((worker) => worker.slot === slot);

/** What may happen to a service at any time, chosen by a number. */
function happen(service: FakeService, choice: number): void {
  const worker = service.workers[choice % Math.max(1, service.workers.length)];
  const kinds = [
    () => worker?.phase === 'ready' && Object.assign(worker, { expired: true }),
    () => remove(service.workers, worker),
    () => remove(service.zygotes, service.zygotes[0]),
    () => service.reload === undefined && service.cutoverGeneration === undefined && service.startReload(),
    () => {
      service.target = 1 + (choice % 5);
    },
  ];
  const happens = kinds[choice % 25]; // Most of the time the processes go on.
  if (happens) happens();
  else service.step(choice);
}

/** A history of a service, looked at after each step; at its end it is back at full strength. */
function history(
  look: (service: FakeService, before: readonly WorkerFacts[]) => void,
  setUp: (service: FakeService) => void = () => {},
) {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { maxLength: 150 }), (target, choices) => {
      const service = new FakeService(target);
      setUp(service);
      for (const choice of choices) {
        const before = service.workers.map((worker) => ({ ...worker }));
        service.act();
        look(service, before);
        for (const part of [choice, choice >> 5, choice >> 10].slice(0, 1 + (choice % 3))) happen(service, part);
      }
      service.settle();
      expect(slotsOf(service.ready())).toEqual(Array.from({ length: service.target }, (_, slot) => slot));
    }),
    { numRuns: 300 },
  );
}

describe('supervision', () => {
  it('never has more than one worker beside the one of a slot, but those that drain', () => {
    history((service) => {
      for (let slot = 0; slot < service.target; slot++) {
        expect(inSlot(serving(service), slot).length).toBeLessThanOrEqual(2);
      }
    });
  });

  it('has one worker more than are wanted, at most, when workers reach a limit as soon as they are ready', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(fc.nat(), { maxLength: 150 }), (target, choices) => {
        const service = running(target);
        for (const choice of choices) {
          for (const worker of service.workers) worker.expired ||= worker.phase === 'ready';
          service.act();
          expect(serving(service).length).toBeLessThanOrEqual(target + 1);
          // Each has let its predecessor leave.
          expect(slotsOf(service.ready())).toEqual(Array.from({ length: target }, (_, slot) => slot));
          service.step(choice);
        }
      }),
    );
  });

  it('tells each expired worker to leave once its successor is ready, whatever has become of that one', () => {
    history((service, before) => {
      for (const worker of before.filter(({ phase, expired }) => phase === 'ready' && expired)) {
        const isReplaced = before.some((other) => {
          return other.slot === worker.slot && other.serial > worker.serial && other.phase === 'ready' && !other.killed;
        });
        const now = service.workers.find(({ serial }) => serial === worker.serial);
        if (isReplaced) expect(now?.phase).toBe('draining');
      }
    });
  });

  it('waits with the successor of an expired worker as long as it is told to', () => {
    const service = running(2);
    for (const worker of service.workers) worker.expired = true;
    service.renewNotBefore.push(service.now + 100, service.now + 50);
    expect(service.act()).toEqual([]);
    service.now += 50;
    expect(service.act()).toEqual([expect.objectContaining({ type: 'fork', slot: 1 })]);
  });

  it('lets a generation take over although its workers have reached a limit already', () => {
    const service = running(3);
    service.startReload();
    for (let round = 0; round < 60; round++) {
      service.act();
      for (const worker of service.workers) worker.expired ||= worker.phase === 'ready' && worker.generation === 2;
      service.step();
    }
    expect([service.reload, service.cutoverGeneration]).toEqual([undefined, undefined]);
    expect(serving(service).every(({ generation }) => generation === 2)).toBe(true);
  });

  it('never has more workers than records, those that drain for long with them', () => {
    const records = 10; // Twice as many as there are ever to be.
    history(
      (service) => {
        expect(service.workers.length).toBeLessThanOrEqual(records);
      },
      (service) => {
        Object.assign(service, { records, stay: true });
      },
    );
  });

  it('ends those that have drained the longest when there is no record for new ones, and no more than it needs', () => {
    const service = running(2);
    const [first, second] = service.workers as [Writable<WorkerFacts>, Writable<WorkerFacts>];
    Object.assign(first, { phase: 'draining', since: 10 });
    Object.assign(second, { phase: 'draining', since: 5 });
    service.workers.push({ ...first, record: 2, serial: 2, since: 7 });
    service.records = 3;
    service.now = 20;
    const reason = expect.stringContaining('no record on the scoreboard is free');
    expect(service.act()).toEqual([
      { type: 'kill', record: 1, reason },
      { type: 'kill', record: 2, reason },
    ]);
    expect(service.act()).toEqual([]);
    remove(service.workers, second);
    expect(service.act()).toEqual([expect.objectContaining({ type: 'fork' })]);
  });
});
