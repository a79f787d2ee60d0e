import { close, listen } from '../../posix/index.js';
import { portOf, puts, type Setting, type Text } from './lesson.js';

export const title: Text = { en: 'A TCP socket is a file', ja: 'tcp socketはファイルである' };

export function run({ port, say }: Setting): void {
  // Open a socket that listens on port 12345.
  const listening = listen({ port });
  say({
    en: `a socket listens on port ${portOf(listening.address)}; its file descriptor is`,
    ja: `${portOf(listening.address)} portで待ち受けるソケットを開きました。そのfdは`,
  });

  // A socket is a file, so it has a file descriptor.
  puts(listening.fd);

  // Close it, without having done anything.
  close(listening.fd);
}
