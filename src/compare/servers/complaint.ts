/** The line in which a program that has failed says why. */
export function complaintIn(output: string): string {
  return /^\w*Error(?: \[\w+\])?: .*$/m.exec(output)?.[0] ?? (output.trim().split('\n').at(-1) || 'it said nothing');
}
