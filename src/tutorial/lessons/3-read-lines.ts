import { accept, close, LineReader, listen, writeAll } from '../../posix/index.js';
import { puts, type Setting, sayWhereToConnect, type Text } from './lesson.js';

export const title: Text = { en: 'Read what the client sends', ja: 'クライアントから送られてくるデータを読み込む' };

export const heeds = ['echo'] as const;

export function run({ port, echo, say }: Setting): void {
  const listening = listen({ port });
  sayWhereToConnect(listening, say);

  // The endless loop of accepting clients.
  for (;;) {
    puts('accepting...');
    const socket = accept(listening.fd);
    puts('accepted a client!');
    const input = new LineReader(socket.fd);

    // The endless loop of reading what this client sends.
    for (;;) {
      // One line; blocks until the client sends it.
      const line = input.gets()?.replace(/[\r\n]/g, '');

      // "exit" ends the connection. So does a client that hangs up, where the original ends with an error: gets is nil.
      if (line === undefined || line === 'exit') {
        close(socket.fd);
        puts('closed a connection!');
        break;
      }

      puts(line);
      // The homework: what goes to the client as well makes an echo server.
      if (echo) writeAll(socket.fd, `${line}\n`);
    }
  }
}
