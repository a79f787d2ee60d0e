import { exit, fork, getpid, listen } from '../../posix/index.js';
import { puts, type Setting, type Text, waitall } from './lesson.js';

export const title: Text = { en: 'Fork only', ja: 'まず、フォークの部分だけ作ってみる' };

export const heeds = ['workers'] as const;

export function run({ port, workers, say }: Setting): void {
  listen({ port });

  // Make several children.
  for (let n = 0; n < workers; n++) {
    const pid = fork();

    if (pid !== 0) {
      // The parent: goes on making children.
      puts(`forked child process: ${pid}`);
    } else {
      // A child: the server's work will be done here.
      puts(`I'm child process: ${getpid()}`);
      exit(); // Nothing to do yet.
    }
  }

  // The parent waits for its children to end.
  waitall(workers, say);
}
