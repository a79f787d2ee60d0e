// docs/apps-tested.md: what was tried, with which versions, and how it runs.
import { writeFileSync } from 'node:fs';

/** The order of the headings; others follow. */
const GROUPS = [
  'Web frameworks',
  'Real time',
  'PostgreSQL',
  'MariaDB',
  'Redis',
  'RabbitMQ',
  'memcached',
  'HTTP clients',
];

/** @param {object[]} outcomes of all trials; see main.mjs */
export function writeReport(file, outcomes, packages) {
  writeFileSync(
    file,
    report(outcomes, (name) => packages.version(name), new Date()),
  );
}

/** @param {(name: string) => string} versionOf a package  @returns {string} Markdown */
export function report(outcomes, versionOf, date) {
  const nodes = [...new Set(outcomes.map(({ node }) => node.version.slice(1)))].sort(byNumber);
  const cases = groupBy(outcomes, ({ testCase }) => testCase.name);
  const rows = [...cases.values()].map((ofCase) => row(ofCase.sort(byNode), versionOf));
  const groups = [...new Set([...GROUPS, ...rows.map(({ group }) => group)])];
  const unmodified = rows.filter(({ isUnmodified }) => isUnmodified).length;
  const tables = groups
    .map((group) =>
      table(
        group,
        rows.filter((row) => row.group === group),
      ),
    )
    .filter(Boolean);
  const notes = rows.filter(({ notes }) => notes.length > 0);
  return `# Apps that were tried

\`npm run test:apps\` wrote this on ${date.toISOString().slice(0, 10)}, with Node ${nodes.join(', ')}.
Each app is written as the documentation of its packages has it, and talks to real servers of Debian's packages. It runs
under plain node and then under \`prefork start -w 3\`, and must behave the same: the same answers from every worker, no
failed request during a reload, a worker in the place of one that was killed, recovery when its database is restarted, an
orderly end, and no warning about it that is wrong.

${unmodified} of ${rows.length} run unmodified on all of these. Debian has no MongoDB, so its clients were not tried.

${tables.join('\n')}
${notes.length === 0 ? '' : `## Why the others do not run unmodified\n\n${notes.map(noteOf).join('\n')}\n`}`
    .trimEnd()
    .concat('\n');
}

function row(ofCase, versionOf) {
  const [{ testCase }] = ofCase;
  const how = [...groupBy(ofCase, howItRuns)];
  const isUnmodified = ofCase.every(({ result }) => result.outcome === 'unmodified');
  return {
    title: testCase.title ?? testCase.name,
    group: testCase.group,
    isUnmodified,
    packages: testCase.packages.map((name) => `${name} ${versionOf(name)}`).join(', '),
    how: how.length === 1 ? how[0][0] : how.map(([text, some]) => `${text} on ${majors(some)}`).join('; '),
    remedy: isUnmodified ? '' : (testCase.remedy?.text ?? ''),
    notes: [
      ...groupBy(
        ofCase.filter(({ result }) => result.outcome !== 'unmodified'),
        ({ result }) => essence(result.message),
      ),
    ],
  };
}

function howItRuns({ result, remedied }) {
  if (result.outcome === 'unmodified') return 'unmodified';
  if (result.outcome === 'broken') return 'not under plain node either';
  return `${result.outcome}${remedied?.outcome === 'unmodified' ? ', runs with the remedy' : ''}`;
}

function table(group, rows) {
  if (rows.length === 0) return '';
  const lines = rows.map(
    ({ title, packages, how, remedy }) => `| ${[title, packages, how, remedy].map(escaped).join(' | ')} |`,
  );
  return `## ${group}\n\n| App | Packages | Runs | Remedy |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

function noteOf({ title, notes }) {
  const texts = notes.map(([message, some]) => `Node ${majors(some)}: ${message}`);
  return `- ${title}. ${texts.join('; ')}`;
}

/** The first line of a message, without what differs from run to run. */
function essence(message) {
  return message
    .split('\n')[0]
    .replaceAll(/\/\S*\/cases\/([\w.-]+?)-[0-9a-f]{12}(-v[\d.]+)?\//g, '$1/')
    .replaceAll(/\/\S*\/(?=node_modules\/)/g, '')
    .replaceAll(/\/[^\s(]*\/prefork-apps-\w+\/app-\w+\/(plain|prefork)\//g, '')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\bfd \d+/g, 'fd N')
    .replaceAll(/\bthread \d+/g, 'thread N')
    .slice(0, 400);
}

const majors = (outcomes) => outcomes.map(({ node }) => node.version.slice(1).split('.')[0]).join(', ');
const escaped = (text) => text.replaceAll('|', '\\|');
const byNumber = (a, b) => a.localeCompare(b, 'en', { numeric: true });
const byNode = (a, b) => byNumber(a.node.version, b.node.version);

/** Map.groupBy, which Node 20 has not. */
function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}
