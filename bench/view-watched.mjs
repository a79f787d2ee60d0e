// npm run bench:view-watched: what a server serves a second, and what a round trip costs it, with prefork view
// looking on and without, by turns.
import { get } from 'node:http';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { connectLines, withClients } from '../dist/compare/clients/lines.js';
import { exitOnSignals, Program } from '../dist/compare/program.js';
import { PREFORK, startServer } from '../dist/compare/server.js';
import { meter } from '../dist/proc/usage.js';
import { spreadOf } from '../dist/util/statistics.js';
import { machine as machineNow, outOf, save, tellRawNumbers } from './report.mjs';

const { values } = parseArgs({
  options: {
    workers: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '2' },
    out: { type: 'string' },
  },
});
const [workers, pairs, seconds] = ['workers', 'pairs', 'seconds'].map((name) => Number(values[name]));
const out = outOf(values.out, 'view-watched.json');

exitOnSignals();
const server = await startServer({ model: 'prefork', app: 'echo', workers, quiet: true });
const view = new Program([process.execPath, PREFORK, 'view', server.root]);
try {
  const [, address] = await view.ready(() => view.line(/^prefork view: (.*)$/));
  const runs = [];
  for (let pair = 0; pair < pairs; pair++) {
    const both = {};
    // Which of the two goes first changes, too.
    for (const watched of pair % 2 === 0 ? [true, false] : [false, true]) {
      both[watched ? 'watched' : 'alone'] = watched ? await watching(address, load) : await load();
    }
    runs.push(both);
  }
  const ratio = (what) => {
    const { median, min: least, max: most } = spreadOf(runs.map(({ watched, alone }) => watched[what] / alone[what]));
    return { median, least, most };
  };
  const ratios = { rate: ratio('rate'), cost: ratio('cost') };
  const { cpu: processor, cores: processors, kernel } = machineNow();
  const machine = { processor, processors, kernel, load: loadavg() };
  save(out, { date: new Date().toISOString(), machine, node: process.version, options: values, runs, ratios }, 1);
  for (const [what, { median, least, most }] of Object.entries(ratios)) {
    console.log(
      `${what}, watched to alone: ${median.toFixed(3)} (${least.toFixed(3)} to ${most.toFixed(3)}), ${pairs} pairs`,
    );
  }
  tellRawNumbers(out);
} finally {
  await view.end();
  await server.end();
}

/** As with a page open: what is seen is sent, and read. */
async function watching(address, work) {
  const response = await new Promise((settle, fail) => get(`${address}events`, settle).once('error', fail));
  response.resume();
  try {
    return await work();
  } finally {
    response.destroy();
  }
}

/**
 * Round trips a second, of as many clients as there are workers, and the server's processor time for each, in microseconds:
 * on a busy machine that varies less than how many there are.
 */
function load() {
  return withClients(async (clients) => {
    while (clients.length < workers) clients.push(await connectLines(server.port));
    const end = performance.now() + seconds * 1000;
    const used = meter(server);
    let count = 0;
    const talk = async (client) => {
      for (; performance.now() < end; count++) {
        if ((await client.say('hello')) === undefined) throw new Error('a line was not echoed');
      }
    };
    await Promise.all(clients.map(talk));
    const { cpu } = used();
    await Promise.all(clients.map((client) => client.leave()));
    return { rate: count / seconds, cost: (cpu / count) * 1e3 };
  });
}
