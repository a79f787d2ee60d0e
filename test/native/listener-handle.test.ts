import { expect, onTestFinished, test } from 'vitest';
import { descriptorFor } from '../../src/app/listening/listen-arguments.js';
import { ListenerHandle } from '../../src/app/listening/listener-handle.js';
import { Clients } from '../../src/app/serving/clients.js';
import { close, getsockname, listen, open } from '../../src/posix/index.js';
import { openDescriptors } from '../helpers/proc.js';

function listenerHandle() {
  const ignore = () => {};
  const options = { clients: new Clients(0), fixedMode: true, warn: ignore, lost: ignore, closed: ignore };
  const handle = new ListenerHandle(options);
  onTestFinished(() => handle.close());
  return handle;
}

/** Has the handle use a new socket alone. */
function give(handle: ListenerHandle, id: number) {
  const { fd, address } = listen({ host: '127.0.0.1' });
  handle.use([{ id, fd, address, hold: 'own', given: false }], address);
  return address;
}

const addressOf = (handle: ListenerHandle) => getsockname(handle.native()?.fd ?? -1);

test("Node's handle is on the socket that the server has now, and the one before is closed", () => {
  const handle = listenerHandle();
  const first = give(handle, 1);
  const before = handle.native();
  expect(addressOf(handle)).toEqual(first);
  expect(handle.native()).toBe(before);
  const second = give(handle, 2);
  expect(before?.fd).toBe(-1);
  expect(addressOf(handle)).toEqual(second);
  const last = handle.native();
  handle.close();
  expect(last?.fd).toBe(-1);
});

test('a server whose socket another one has now has no handle to be sent', () => {
  const handle = listenerHandle();
  give(handle, 1);
  const before = handle.native();
  handle.yield(1);
  expect(before?.fd).toBe(-1);
  expect(handle.native()).toBeNull();
});

test('a descriptor on which no server can listen leaves none of its own open', () => {
  const file = open('/dev/null');
  onTestFinished(() => close(file));
  const before = openDescriptors().size;
  expect(() => descriptorFor(file, 5)).toThrow('ENOTSOCK');
  expect(openDescriptors().size).toBe(before);
});
