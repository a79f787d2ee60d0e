// Sends the process named by its argument about a thousand signals a second, until standard input ends or it is gone.
const pid = Number(process.argv[2]);
const pause = new Int32Array(new SharedArrayBuffer(4));
let stopped = false;
process.stdin.resume().once('end', () => {
  stopped = true;
});

for (let i = 0; !stopped; i++) {
  try {
    process.kill(pid, i % 2 ? 'SIGUSR2' : 'SIGCHLD');
  } catch (error) {
    if (error.code === 'ESRCH') break;
    throw error;
  }
  Atomics.wait(pause, 0, 0, 1);
  if (i % 100 === 0) await new Promise(setImmediate);
}
process.exit();
