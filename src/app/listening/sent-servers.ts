import type { ChildProcess } from 'node:child_process';
import { Server } from 'node:net';
import { handleOf } from '../../node/handles.js';
import { withHandle } from '../../node/listening.js';
import { override, overrideSpawn } from '../../node/methods.js';
import { ListenerHandle } from './listener-handle.js';

/** Lets child.send() hand on servers: what they listen by here is no handle of Node's, and crashes its native code. */
export function overrideSendingServers(): void {
  overrideSpawn(
    (spawn) =>
      function spawnAbleToSend(this: ChildProcess, ...args: unknown[]) {
        const result = spawn.apply(this, args);
        if (this.connected) overrideSend(this);
        return result;
      },
  );
}

/** Node gives each child with an IPC channel a method of its own. */
function overrideSend(child: ChildProcess): void {
  override(
    child as unknown as Record<'send', unknown>,
    'send',
    (send) =>
      function sendServer(this: ChildProcess, message: unknown, handle: unknown, ...rest: unknown[]) {
        return send.call(this, message, sendable(handle), ...rest);
      },
  );
}

function sendable(sent: unknown): unknown {
  if (!(sent instanceof Server)) return sent;
  const handle = handleOf(sent);
  return handle instanceof ListenerHandle ? withHandle(sent, handle.native()) : sent;
}
