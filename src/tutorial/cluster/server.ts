import { nodeAddressText } from '../../net/address.js';
import { packageFile } from '../../util/package-files.js';
import type { EchoOptions } from '../event-loop/options.js';
import { type PrimaryOptions, runPrimary } from './primary.js';

const WORKER = packageFile('dist/tutorial/event-loop/worker.js');

/** The echo server on node:cluster: the same program on an event loop in each worker. @returns the exit status */
export function runServer(
  options: EchoOptions,
  { workers, scheduling }: Pick<PrimaryOptions, 'workers' | 'scheduling'>,
): Promise<number> {
  return runPrimary({
    exec: WORKER,
    args: [JSON.stringify(options)],
    workers,
    scheduling,
    ready: (address, children) =>
      console.log(`Listening on ${nodeAddressText(address)}, parent ${process.pid}, children ${children.join(' ')}`),
    report: (line) => console.error(line),
  });
}
