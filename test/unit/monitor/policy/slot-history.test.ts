import { describe, expect, it } from 'vitest';
import { SlotHistory } from '../../../../src/monitor/policy/slot-history.js';

const EARLY = { ready: false, readyFor: 0, served: false };

describe('SlotHistory', () => {
  it('pauses longer after each early death in a row but the first', () => {
    const history = new SlotHistory();
    const pauses = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((count) => {
      expect(history.died(2, EARLY, 1000).count).toBe(count);
      return (history.notBefore[2] ?? 0) - 1000;
    });
    expect(pauses).toEqual([0, 100, 200, 400, 800, 1600, 3200, 5000, 5000]);
  });

  it.each([
    ['served a client', { ready: true, readyFor: 0, served: true }],
    ['was ready for a second', { ready: true, readyFor: 1000, served: false }],
  ])('begins anew with a worker that %s', (_, well) => {
    const history = new SlotHistory();
    for (let i = 0; i < 5; i++) history.died(0, EARLY, 0);
    expect(history.died(0, well, 7).count).toBe(0);
    expect(history.notBefore[0]).toBe(7);
    expect(history.died(0, { ready: true, readyFor: 999, served: false }, 8)).toEqual({ count: 1, since: 8 });
    expect(history.died(0, EARLY, 9)).toEqual({ count: 2, since: 8 });
  });

  it('pauses longer after each fork that failed, from the first on, until one succeeds', () => {
    const history = new SlotHistory();
    const fail = () => {
      history.forkFailed(0, 1000);
      return (history.notBefore[0] ?? 0) - 1000;
    };
    expect([fail(), fail(), fail()]).toEqual([100, 200, 400]);
    expect(history.died(0, EARLY, 1000).count).toBe(1);
    history.forked(0);
    expect(fail()).toBe(100);
  });

  it('keeps slots apart', () => {
    const history = new SlotHistory();
    history.died(0, EARLY, 0);
    history.died(0, EARLY, 0);
    expect(history.died(1, EARLY, 0).count).toBe(1);
    expect(history.notBefore).toEqual([100, 0]);
  });
});
