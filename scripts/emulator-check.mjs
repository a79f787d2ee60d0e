// Whether plain Node computes rightly on this processor, without anything of prefork's: some of QEMU's do not, while
// code is compiled, collected and interrupted by signals. The exit status is 1 when a result was wrong.
import { setTimeout as sleep } from 'node:timers/promises';

const SECONDS = Number(process.argv[2]);
const end = Date.now() + SECONDS * 1000;
let wrong = 0;
let rounds = 0;
const garbage = [];
process.on('SIGUSR2', () => garbage.push({ rounds }));
setInterval(() => process.kill(process.pid, 'SIGUSR2'), 7).unref();
for (; Date.now() < end; rounds++) {
  const compiled = new Function(
    'n',
    `let sum = ${rounds}; for (let i = 0; i < n; i++) sum += i & 1; return [sum, (() => ${rounds})()];`,
  );
  for (let i = 0; i < 100; i++) {
    const [sum, same] = compiled(1000);
    if (sum !== rounds + 500 || same !== rounds) wrong++;
  }
  garbage.push(Array.from({ length: 5000 }, (_, i) => ({ i, text: `${i}` })));
  if (garbage.length > 20) garbage.splice(0, 10);
  await sleep(1);
}
console.log(`${rounds} rounds, ${wrong} wrong results`);
process.exitCode = wrong > 0 ? 1 : 0;
