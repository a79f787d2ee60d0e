import type { Diagnostic } from '../diagnostic.js';
import { type Comparison, compare } from './compare.js';
import type { CheckMessage } from './messages.js';
import { type Item, itemsOf, type Part, type ToDo, toDo } from './to-do.js';

/** What a check has found. */
export interface Report {
  readonly app: string;
  readonly verdict: 'clean' | 'unsafe' | 'not loaded';
  readonly findings: readonly Diagnostic[];
  /** How two siblings differ; empty when none were forked. */
  readonly comparison: Comparison;
  /** Why the app could not be examined or forked, a line each. */
  readonly problems: readonly string[];
  /** The most important first. */
  readonly toDo: readonly ToDo[];
}

const TITLES: Readonly<Record<Part, string>> = {
  problem: 'Problems',
  refusal: 'Refuses the fork',
  same: 'Two workers have the same',
  warning: 'Warnings',
  note: 'Notes',
};

/** Puts together what the app's process has told. @param ended how it ended, when not as it should */
export function reportOf(app: string, messages: readonly CheckMessage[], ended: string | undefined): Report {
  const found = messages.find((message) => message.type === 'findings');
  const drawn = messages.flatMap((message) => (message.type === 'drawn' ? [message.drawn] : []));
  const problems = messages.flatMap((message) => {
    if (message.type === 'unsettled') return message.reasons;
    return message.type === 'no comparison' ? [`no two workers to compare: ${message.reason}`] : [];
  });
  if (problems.length === 0 && ended !== undefined) problems.push(`it ended with ${ended}`);
  // An app that stands at a held connect has not loaded all that it would.
  const before = messages.flatMap((message) => (message.type === 'hold' ? message.findings : []));
  const findings = found === undefined ? [] : withDuties(found.findings, before);
  const comparison = compare(drawn[0] ?? {}, drawn[1] ?? {});
  const isSafe = problems.length === 0 && comparison.same.length === 0 && !findings.some(isRefusal);
  const verdict = !found ? 'not loaded' : isSafe ? 'clean' : 'unsafe';
  const steps = toDo(itemsOf(problems, findings, comparison.same));
  return { app, verdict, findings, comparison, problems, toDo: steps };
}

function withDuties(findings: readonly Diagnostic[], before: readonly Diagnostic[]): Diagnostic[] {
  const known = new Set(findings.map(({ message }) => message));
  return [...findings, ...before.filter(({ kind, message }) => kind === 'package' && !known.has(message))];
}

/** For people, with an empty line between its parts. */
export function reportText({ app, verdict, findings, comparison, problems, toDo }: Report): string {
  const { compared, same } = comparison;
  const items = itemsOf(problems, findings, same);
  const differing = compared.filter((source) => !same.includes(source));
  const parts = [
    [`${app} ${VERDICTS[verdict]}`],
    ...(Object.keys(TITLES) as Part[]).map((part) => partOf(part, items)),
    titled('Two workers have their own', differing),
    titled('What to do, the most important first', stepLines(toDo)),
    verdict === 'clean' ? [`Start it: prefork start ${app}`] : [],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n`)
    .join('\n');
}

const VERDICTS: Readonly<Record<Report['verdict'], string>> = {
  clean: 'can be preforked',
  unsafe: 'cannot be preforked as it is',
  'not loaded': 'cannot be loaded',
};

function isRefusal({ severity }: Diagnostic): boolean {
  return severity === 'refusal';
}

/** Numbered through the whole report. */
function partOf(wanted: Part, items: readonly Item[]): string[] {
  const lines = items.map(({ part, message }, index) => ({ part, line: `${index + 1}. ${message}` }));
  return titled(
    TITLES[wanted],
    lines.filter(({ part }) => part === wanted).map(({ line }) => line),
  );
}

function stepLines(steps: readonly ToDo[]): string[] {
  return steps.map(({ what, items }) => `${items.join(', ')}: ${what}`);
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}
