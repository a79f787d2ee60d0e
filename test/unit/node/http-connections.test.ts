import { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { sparing } from '../../../src/node/http-connections.js';

test('connections are busy for Node while something is done, also where that throws', () => {
  const message = {};
  const sockets = [Object.assign(new Socket(), { _httpMessage: message }), new Socket()];
  const messages = () => sockets.map((socket) => Reflect.get(socket, '_httpMessage'));
  const close = () => {
    expect(messages()).toEqual([
      expect.objectContaining({ finished: false }),
      expect.objectContaining({ finished: false }),
    ]);
    throw new Error('of the app');
  };
  expect(() => sparing(sockets, close)).toThrow('of the app');
  expect(messages()).toEqual([message, undefined]);
  expect(messages()[0]).toBe(message);
});
