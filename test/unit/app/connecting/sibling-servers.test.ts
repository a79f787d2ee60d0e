import { expect, test } from 'vitest';
import { SiblingServers } from '../../../../src/app/connecting/sibling-servers.js';

test('who tries again and again is asked for once in a while, and other machines are never asked about', () => {
  const asked: string[] = [];
  let now = 0;
  const siblings = new SiblingServers(
    (destination) => asked.push(destination) === 1,
    () => now,
  );
  const tries = (destination: string) => Array.from({ length: 50 }, () => siblings.listenAt(destination));
  expect(new Set(tries('127.0.0.1:80'))).toEqual(new Set([true]));
  expect(new Set(tries('db.example:80'))).toEqual(new Set([false]));
  now += 100;
  expect(new Set(tries('127.0.0.1:80'))).toEqual(new Set([false]));
  expect(asked).toEqual(['127.0.0.1:80', '127.0.0.1:80']);
});

test('a relative path is asked about from the root', () => {
  const asked: string[] = [];
  new SiblingServers((destination) => asked.push(destination) === 0).listenAt('./app.sock');
  expect(asked).toEqual([`${process.cwd()}/app.sock`]);
});
