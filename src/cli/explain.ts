/** One line about an error: what is wrong and, where it is known, what to do. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, port, syscall, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  if (syscall === 'bind' || syscall === 'listen') {
    if (code === 'EADDRINUSE' && port !== undefined) {
      return `port ${port} is in use; end the program that has it, choose another with --port, or any free one with --port 0`;
    }
    if (code === 'EACCES' && port !== undefined) {
      return `port ${port} is for privileged users only; choose one from 1024 on with --port`;
    }
    if (code === 'EADDRNOTAVAIL') return `${address} is not an address of this machine; choose another with --host`;
  }
  return error.message.replace(/\s*\n\s*/g, ' ');
}
