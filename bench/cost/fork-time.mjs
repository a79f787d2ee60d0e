// How long a child takes to come into being, in ms: by fork(2) as prefork does it, and by child_process.fork.
import { fork as spawnNode } from 'node:child_process';
import { once } from 'node:events';
import { _exit, fork, pipe, read, waitpid, write } from 'prefork/posix';

if (process.send) process.send('running');
else console.log(JSON.stringify(await measure(Number(process.argv[2]))));

async function measure(count) {
  const times = { returns: [], written: [], message: [] };
  const [ours, theirs] = pipe();
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    const pid = fork();
    if (pid === 0) {
      write(theirs, Buffer.from('x'));
      _exit();
    }
    times.returns.push(performance.now() - start);
    read(ours, 1);
    times.written.push(performance.now() - start);
    waitpid(pid);
  }
  for (let n = 0; n < Math.ceil(count / 10); n++) {
    const start = performance.now();
    const child = spawnNode(import.meta.filename);
    await once(child, 'message');
    times.message.push(performance.now() - start);
    await once(child, 'exit');
  }
  return times;
}
