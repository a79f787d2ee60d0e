// A parent and its plain Node children, which do nothing; prints their ids once all of them run. Ended by a signal.
import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';

const [kind, count] = process.argv.slice(2);

if (kind === 'child') {
  process.on('disconnect', () => process.exit());
  process.send('running');
} else {
  cluster.setupPrimary({ args: ['child'] });
  const children = [];
  for (let n = 0; n < Number(count); n++) {
    const child = kind === 'node:cluster' ? cluster.fork() : fork(import.meta.filename, ['child']);
    await once(child, 'message');
    children.push((child.process ?? child).pid);
  }
  console.log(JSON.stringify([process.pid, ...children]));
}
