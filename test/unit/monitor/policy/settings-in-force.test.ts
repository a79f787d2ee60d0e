import { expect, test } from 'vitest';
import { SettingsInForce } from '../../../../src/monitor/policy/settings-in-force.js';

const [one, two, three] = [1, 2, 3].map((workers) => ({ workers })) as [Settings, Settings, Settings];
type Settings = { readonly workers: number };

test('a generation that fails gives up what was adopted for it, and nothing else', () => {
  const inForce = new SettingsInForce(one);
  inForce.adopt(2, two);
  inForce.revert(3); // It has not come to adopt any.
  expect(inForce.current).toBe(two);
  inForce.adopt(4, three);
  inForce.revert(4);
  expect(inForce.current).toBe(two);
});

test('a number of workers is taken once, where nobody has scaled', () => {
  const inForce = new SettingsInForce(one);
  expect(inForce.heedWorkers(1)).toBeUndefined();
  inForce.adopt(2, two);
  expect(inForce.heedWorkers(1)).toEqual({ type: 'taken', workers: 2 });
  expect(inForce.heedWorkers(2)).toBeUndefined();
});

test('a number that was scaled stays until it is what the settings say', () => {
  const inForce = new SettingsInForce(one);
  expect(inForce.heedWorkers(5)).toBeUndefined();
  inForce.adopt(2, two);
  expect(inForce.heedWorkers(5)).toEqual({ type: 'not taken', workers: 2 });
  expect(inForce.heedWorkers(5)).toBeUndefined(); // The same as before.
  inForce.adopt(3, three);
  expect(inForce.heedWorkers(2)).toEqual({ type: 'taken', workers: 3 });
});
