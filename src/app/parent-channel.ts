import { MAX_PARENT_MESSAGE_BYTES } from '../channel/framing.js';

type Callback = (error: Error | null) => void;

/**
 * Gives a process of the app process.send(), as it has under plain node when its supervisor opened an IPC channel. Node's
 * own channel is the monitor's, which hands on what the app says; what the supervisor says goes to the monitor.
 * @param send takes the message as JSON
 */
export function openParentChannel(send: (json: string) => void): void {
  process.send = (message: unknown, ...rest: unknown[]) => {
    const callback = rest.findLast((argument) => typeof argument === 'function') as Callback | undefined;
    const json = JSON.stringify(message);
    if (message === undefined) throw coded('ERR_MISSING_ARGS', 'The "message" argument must be specified');
    if (json === undefined) throw coded('ERR_INVALID_ARG_TYPE', 'The "message" argument must have a form in JSON');
    const error = Buffer.byteLength(json) > MAX_PARENT_MESSAGE_BYTES ? tooLong() : null;
    if (error === null) send(json);
    if (callback) process.nextTick(callback, error);
    else if (error !== null) throw error;
    return error === null;
  };
}

function tooLong(): Error {
  return coded('ERR_OUT_OF_RANGE', `a message to the supervisor has at most ${MAX_PARENT_MESSAGE_BYTES} bytes of JSON`);
}

function coded(code: string, message: string): Error {
  const Class = code === 'ERR_OUT_OF_RANGE' ? RangeError : TypeError;
  return Object.assign(new Class(message), { code });
}
