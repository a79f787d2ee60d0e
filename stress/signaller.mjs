// Sends the process named by its argument about a thousand signals a second, until it is killed or that one is gone.
const pid = Number(process.argv[2]);
const pause = new Int32Array(new SharedArrayBuffer(4));
try {
  for (let i = 0; ; i++) {
    process.kill(pid, i % 2 ? 'SIGUSR2' : 'SIGCHLD');
    Atomics.wait(pause, 0, 0, 1);
  }
} catch (error) {
  if (error.code !== 'ESRCH') throw error;
}
