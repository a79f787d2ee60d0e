// Runs one parent under test to its end, watches it and its children from outside, and counts what goes wrong.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { diagnose, membersOf } from './diagnose.mjs';
import { endings } from './endings.mjs';
import { works } from './works.mjs';

/** How long, in ms, a process may give no sign of life before it counts as hung. */
const DEADLINE = 60_000;
const here = (file) => join(import.meta.dirname, file);

const answers = new Map();
function answerTo([name, size]) {
  const key = `${name} ${size}`;
  if (!answers.has(key)) answers.set(key, works[name].answer(size));
  return answers.get(key);
}

/** @returns {Promise<object>} counts and the failures as texts; all is well when there are none of those */
export async function supervise(node, config) {
  const started = Date.now();
  const log = join(tmpdir(), `fork-stress-${process.pid}-${config.activity}.log`);
  // No core files: a good part of the children end by abort().
  const parent = spawn('sh', ['-c', 'ulimit -c 0; exec "$@"', 'sh', node, here('parent.mjs'), JSON.stringify(config)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  parent.stderr.pipe(createWriteStream(log));

  const summary = { forks: 0, refused: 0, hangs: 0, crashes: 0, wrongEnds: 0, wrongResults: 0, left: 0, leaked: 0 };
  const failures = [];
  const fail = (kind, what) => {
    summary[kind]++;
    failures.push(`${kind}: ${what}`);
  };
  const plans = new Map();
  const results = new Map();
  const signs = new Map([[parent.pid, Date.now()]]);
  const times = [];
  const rss = [];
  const helpers = [];
  let beats = 0;
  let acts = 0;
  let done = false;

  const help = (...args) => helpers.push(spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] }));

  const on = {
    forked({ child, plan, ms }) {
      summary.forks++;
      times.push(ms);
      plans.set(child, plan);
      if (!signs.has(child)) signs.set(child, Date.now());
    },
    refused: ({ code, message }) => {
      summary.refused++;
      summary.refusals = { ...summary.refusals, [code]: (summary.refusals?.[code] ?? 0) + 1 };
      if (process.env.NODE_DEBUG?.includes('stress')) console.error(message);
    },
    result: ({ pid, results: found }) => results.set(pid, found),
    beat({ name, size, right, rss: bytes }) {
      beats++;
      signs.set(parent.pid, Date.now()); // It only waits for the child that soaks.
      rss.push(bytes);
      if (!right) fail('wrongResults', `${name} ${size} in a soaking child`);
    },
    ended({ child, code, signal }) {
      signs.delete(child);
      const plan = plans.get(child);
      const wanted = endings[plan.ending];
      const what = `child ${child} (${JSON.stringify(plan)})`;
      if (results.has(child)) {
        const right = plan.works.map(answerTo);
        const found = results.get(child);
        if (JSON.stringify(found) !== JSON.stringify(right))
          fail('wrongResults', `${what}: ${found} instead of ${right}`);
      }
      const crashed = ['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGTRAP', 'SIGFPE', 'SIGABRT'].includes(signal);
      if (signal === (wanted.signal ?? null) && code === (wanted.code ?? null)) {
        if (!results.has(child)) fail('wrongResults', `${what} ended without a result`);
      } else if (crashed) fail('crashes', `${what}: ${signal}`);
      else fail('wrongEnds', `${what}: code ${code}, signal ${signal}`);
      plans.delete(child);
      results.delete(child);
    },
    serving: ({ port }) => help(here('client.mjs'), `${port}`, node),
    'listening for signals': ({ pid }) => help(here('signaller.mjs'), `${pid}`),
    async 'forked all'() {
      for (const helper of helpers) {
        if (helper.spawnargs.some((arg) => arg.endsWith('signaller.mjs'))) helper.kill('SIGKILL');
        helper.stdin.end();
        const output = await text(helper.stdout);
        if (output === '') continue;
        const { requests, errors, first } = JSON.parse(output);
        summary.requests = requests;
        if (errors > 0) fail('wrongResults', `the parent's http clients saw ${errors} errors: ${first.join('; ')}`);
      }
      parent.stdin.end();
    },
    done({ acts: number, leaked, childrenLeft }) {
      done = true;
      acts = number;
      for (const descriptor of leaked) fail('leaked', descriptor);
      if (childrenLeft) fail('left', 'the parent still has a child');
    },
  };
  createInterface({ input: parent.stdout }).on('line', (line) => {
    const event = JSON.parse(line);
    if (signs.has(event.pid) || event.event !== 'forked') signs.set(event.pid, Date.now());
    on[event.event](event);
  });

  const watch = setInterval(() => {
    for (const [pid, sign] of signs) {
      if (Date.now() - sign < DEADLINE) continue;
      fail('hangs', `process ${pid} (${JSON.stringify(plans.get(pid) ?? 'the parent')})\n${diagnose(pid)}`);
      signs.delete(pid);
      kill(pid, parent.pid);
    }
  }, 1000);

  const [code, signal] = await once(parent, 'exit');
  clearInterval(watch);
  for (const helper of helpers) helper.kill('SIGKILL');
  if (code !== 0 || !done) fail('crashes', `the parent ended with code ${code}, signal ${signal}\n${tail(log)}`);
  for (const pid of membersOf(parent.pid)) {
    fail('left', diagnose(pid));
    kill(pid, parent.pid);
  }
  if (failures.length > 0) failures.push(`standard error of parent and children, in ${log}:\n${tail(log)}`);
  return {
    ...summary,
    ...(beats > 0 && { beats, rss: spread(rss) }),
    acts,
    ms: spread(times),
    seconds: Math.round((Date.now() - started) / 1000),
    failures,
  };
}

function kill(pid, group) {
  if (!membersOf(group).includes(pid)) return; // Gone, and its number perhaps another's.
  process.kill(pid, 'SIGKILL');
}

function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [min, median, max] = [sorted[0], sorted[sorted.length >> 1], sorted.at(-1)].map(
    (n) => n && Math.round(n * 10) / 10,
  );
  return { min, median, max };
}

function tail(log) {
  try {
    return readFileSync(log, 'utf8').slice(-3000);
  } catch (error) {
    return error.message;
  }
}
