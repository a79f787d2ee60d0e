import { accept, close, exit, fork, getpid, listen, writeAll } from '../../posix/index.js';
import { endWithParent, puts, type Setting, sayWhereToConnect, type Text, waitall } from './lesson.js';

export const title: Text = { en: 'Accept in the children', ja: '子プロセスでaccept処理をする' };

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

    // A child: waits for a client to connect.
    puts(`Child ${getpid()} is accepting...`);
    const socket = accept(listening.fd);
    puts(`Child ${getpid()} accepted a client!`);

    // Send a short message, and end.
    writeAll(socket.fd, `Hello from child ${getpid()}!\n`);
    close(socket.fd);
    exit();
  }

  // The parent waits for its children to end.
  waitall(workers, say);
}
