import { expect, test, vi } from 'vitest';
import { type ClientHandle, Clients } from '../../../src/app/serving/clients.js';

/** Node's part: what of it was called. */
class TCP {
  fd = -1;
  closed = 0;
  readonly writeQueueSize = 0;
  readonly bytesRead = 0;
  readonly bytesWritten = 0;
  open(fd: number): number {
    this.fd = fd;
    return 0;
  }
  close(callback?: () => void): void {
    this.closed++;
    callback?.();
  }
}

class Pipe extends TCP {}

test('a connection counts from when it is taken until it is closed, once', () => {
  const clients = new Clients(0);
  const sizes: number[] = [];
  clients.onChange(() => sizes.push(clients.size));
  const first = clients.adopt(10, TCP) as TCP;
  const second = clients.adopt(11, TCP);
  const callback = vi.fn();
  first.close(callback);
  first.close();
  expect(callback).toHaveBeenCalledOnce();
  expect(first).toMatchObject({ fd: 10, closed: 2 });
  expect([...clients]).toEqual([second]);
  second.close();
  expect(sizes).toEqual([1, 2, 1, 0]);
  expect(clients).toMatchObject({ accepted: 2, size: 0 });
});

test('the place of a closed connection is used again', () => {
  const clients = new Clients(0);
  const all = [1, 2, 3, 4].map((fd) => clients.adopt(fd, TCP) as TCP);
  all[1]?.close();
  all[3]?.close();
  const late = [5, 6, 7].map((fd) => clients.adopt(fd, TCP) as TCP);
  expect([...clients].map((each) => (each as TCP).fd).sort()).toEqual([1, 3, 5, 6, 7]);
  for (const each of [...all, ...late]) each.close();
  expect([...clients]).toEqual([]);
  expect(clients.size).toBe(0);
});

test('connections may be closed while all are gone through', () => {
  const clients = new Clients(0);
  for (const fd of [1, 2, 3]) clients.adopt(fd, TCP);
  const seen: ClientHandle[] = [];
  for (const client of clients) {
    seen.push(client);
    client.close();
  }
  expect(seen).toHaveLength(3);
  expect(clients.size).toBe(0);
});

test('all connections of a kind share their functions, and are what Node takes them for', () => {
  const clients = new Clients(0);
  const [one, other] = [clients.adopt(1, TCP), clients.adopt(2, TCP)];
  const pipe = clients.adopt(3, Pipe);
  expect(Object.hasOwn(one, 'close')).toBe(false);
  expect(one.close).toBe(other.close);
  expect(one).toBeInstanceOf(TCP);
  expect(one.constructor.name).toBe('TCP');
  expect(pipe).toBeInstanceOf(Pipe);
  expect(Object.keys(one)).toEqual(Object.keys(new TCP()));
});

test('a worker is full at its limit, and when it takes no more', () => {
  const clients = new Clients(2);
  expect(clients.full).toBe(false);
  const one = clients.adopt(1, TCP);
  clients.adopt(2, TCP);
  expect(clients.full).toBe(true);
  one.close();
  expect(clients.full).toBe(false);
  clients.refusing = true;
  expect(clients.full).toBe(true);
});
