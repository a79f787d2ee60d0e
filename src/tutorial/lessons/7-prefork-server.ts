import { accept, close, fork, getpid, LineReader, listen } from '../../posix/index.js';
import { endWithParent, puts, type Setting, sayWhereToConnect, type Text, waitall } from './lesson.js';

export const title: Text = { en: 'The finished prefork server', ja: '完全なpreforkサーバー' };

export const heeds = ['workers'] as const;

export function run({ port, workers, say }: Setting): void {
  const parent = getpid();
  const listening = listen({ port });
  sayWhereToConnect(listening, say);

  for (let n = 0; n < workers; n++) {
    const pid = fork();

    // The parent: makes one child after the other.
    if (pid !== 0) continue;
    endWithParent(parent);

    // A child: the endless loop of accepting clients.
    for (;;) {
      puts(`Child ${getpid()} accepting...`);
      // All the children block here.
      const socket = accept(listening.fd);
      puts(`Child ${getpid()} accepted a client!`);
      const input = new LineReader(socket.fd);

      // The endless loop of reading what this client sends.
      for (;;) {
        const received = input.gets();
        // A client that hangs up: nil in Ruby. The original forgets to close its end, which would stay open for ever.
        if (received === undefined) {
          close(socket.fd);
          break;
        }

        const line = received.replace(/[\r\n]/g, '');

        if (line === 'exit') {
          close(socket.fd);
          puts(`Child ${getpid()} closed a connection!`);
          break;
        }

        puts(`Child ${getpid()} received: ${line}`);
      }
    }
  }

  // The children loop for ever, so none of them gets here: the parent waits for them.
  waitall(workers, say);
}
