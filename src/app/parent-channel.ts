type Callback = (error: Error | null) => void;

/**
 * Gives a process of the app process.send(), as it has under plain node when its supervisor opened an IPC channel. Node's
 * own channel is the monitor's, which hands on what the app says; what the supervisor says goes to the monitor.
 */
export function openParentChannel(send: (message: unknown) => void): void {
  process.send = (message: unknown, ...rest: unknown[]) => {
    if (message === undefined) throw missingMessage();
    send(message);
    const callback = rest.findLast((argument) => typeof argument === 'function') as Callback | undefined;
    if (callback) process.nextTick(callback, null);
    return true;
  };
}

function missingMessage(): TypeError {
  return Object.assign(new TypeError('The "message" argument must be specified'), { code: 'ERR_MISSING_ARGS' });
}
