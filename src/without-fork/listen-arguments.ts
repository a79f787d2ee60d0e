import type { Task } from './task.js';

/**
 * The arguments of net.Server.listen() with another address or backlog, where there is one.
 * @param to `listen` is for the app's first server only
 */
export function listenArguments(
  args: readonly unknown[],
  { listen, backlog }: Pick<Task, 'listen' | 'backlog'>,
): readonly unknown[] {
  if (listen === undefined && backlog === undefined) return args;
  const callback = args.find((arg) => typeof arg === 'function');
  const asked = optionsOf(args);
  const { port: _, host: __, path: ___, fd: ____, ...others } = asked;
  const options = { ...(listen === undefined ? asked : { ...others, ...listen }), ...(backlog && { backlog }) };
  return callback === undefined ? [options] : [options, callback];
}

/** Its three forms: listen(options), listen(path) and listen(port, host, backlog). net of Node. */
function optionsOf([first, ...rest]: readonly unknown[]): Record<string, unknown> {
  if (typeof first === 'object' && first !== null) return { ...first };
  const backlog = rest.find((arg) => typeof arg === 'number');
  const common = backlog === undefined ? {} : { backlog };
  if (typeof first === 'string' && !/^\d+$/.test(first)) return { path: first, ...common };
  const host = rest.find((arg) => typeof arg === 'string');
  const port = typeof first === 'function' || first == null ? 0 : first;
  return { port, ...(host !== undefined && { host }), ...common };
}
