/** What is wrong when a command's standard output takes nothing, in one line. */
export function outputError(cause: Error): Error {
  return new Error(`cannot write to standard output: ${cause.message}; send it elsewhere`, { cause });
}
