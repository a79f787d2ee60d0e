import { join } from 'node:path';
import { ROOT, type Running, startNode } from '../../helpers/process.js';

const IMPORTS = ['scoreboard', 'status'].map((name) => join(ROOT, 'dist', name, 'index.js'));

/**
 * Starts what looks like a server of two workers, of which one is a process of its own. Each beat, each 20 ms, its
 * first worker has 10 requests more.
 * @param description what differs from an ordinary one
 * @param code more of its script, with `board`, `worker` and what dist/status exports as `status`
 */
export async function startDescribed(description: object = {}, code = ''): Promise<Running> {
  const [scoreboard, status] = IMPORTS.map((path) => JSON.stringify(path));
  const script = `
    import { spawn } from 'node:child_process';
    import { monotonicNow, Scoreboard, takeSnapshot } from ${scoreboard};
    import * as status from ${status};
    const board = Scoreboard.create();
    const worker = spawn('sleep', ['600'], { stdio: ['ignore', 'ignore', 'ignore', board.fd] });
    const records = [process.pid, worker.pid].map((pid, slot) =>
      Object.assign(board.record(slot), { state: 'ready', pid, slot, generation: 3, startedAt: Date.now() }));
    const description = { version: '9.8.7', pid: process.pid, app: '/srv/app.js', args: [], cwd: '/srv', target: 2,
      startedAt: Date.now(), generation: 3, stopping: false, reload: { state: 'none', generation: 0 }, zygote: null,
      listeners: [{ address: '127.0.0.1:8080', queued: 7, backlog: 511 }],
      counters: { forked: 2, died: 0, killed: 0, reloads: 0 }, ...${JSON.stringify(description)} };
    board.describe(description);
    setInterval(() => {
      records[0].requests += 10;
      for (const record of records) record.heartbeat = monotonicNow();
    }, 20);
    ${code}
    console.log('described, with worker', worker.pid);`;
  const described = await startNode(['--input-type=module', '-e', script]);
  await described.line(/^described/);
  return described;
}
