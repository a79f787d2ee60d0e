import { accept, close, listen } from '../../posix/index.js';
import { puts, type Setting, sayWhereToConnect, type Text } from './lesson.js';

export const title: Text = { en: 'Accept a client', ja: 'クライアントの接続を受け入れる' };

export function run({ port, say }: Setting): void {
  const listening = listen({ port });
  sayWhereToConnect(listening, say);
  puts(listening.fd);

  // Wait for a client; the process blocks in accept(2) until one connects.
  puts('accepting...');
  const socket = accept(listening.fd);
  puts('accepted!');

  // A connection is a new socket, through which the two talk; so its number is another than the listening socket's.
  puts(socket.fd);

  // Hang up on the client, without having said anything.
  close(socket.fd);

  close(listening.fd);
}
