/** Prints on standard output, whose reader may stop reading (head does); gives exit status 0. */
export function print(text: string): number {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.stdout.write(text);
  return 0;
}
