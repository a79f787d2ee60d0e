import type { Finding, Severity } from '../examine/finding.js';
import { type Comparison, compare } from './compare.js';
import type { CheckMessage } from './messages.js';

/** What a check has found. */
export interface Report {
  readonly app: string;
  readonly verdict: 'clean' | 'unsafe' | 'not loaded';
  readonly findings: readonly Finding[];
  /** Of two siblings; nothing compared when there was no trial fork. */
  readonly comparison: Comparison;
  /** Why the app could not be examined or forked, a line each. */
  readonly problems: readonly string[];
}

const TITLES: Readonly<Record<Severity, string>> = {
  refusal: 'Refuses the fork',
  warning: 'Warnings',
  note: 'Notes',
};

/** Puts together what the app's process has told. @param ended how it ended, when not as it should */
export function reportOf(app: string, messages: readonly CheckMessage[], ended: string | undefined): Report {
  const found = messages.find((message) => message.type === 'findings');
  const drawn = messages.flatMap((message) => (message.type === 'drawn' ? [message.drawn] : []));
  const problems = messages.flatMap((message) => {
    if (message.type === 'unsettled') return message.reasons;
    return message.type === 'no trial' ? [`no two workers to compare: ${message.reason}`] : [];
  });
  if (problems.length === 0 && ended !== undefined) problems.push(`it ended with ${ended}`);
  // An app that stands at a held connect has not loaded all that it would.
  const before = messages.flatMap((message) => (message.type === 'hold' ? message.findings : []));
  const findings = found === undefined ? [] : withDuties(found.findings, before);
  const comparison = compare(drawn[0] ?? {}, drawn[1] ?? {});
  const isSafe = problems.length === 0 && comparison.same.length === 0 && !findings.some(isRefusal);
  const verdict = isSafe ? 'clean' : 'unsafe';
  return { app, verdict: found ? verdict : 'not loaded', findings, comparison, problems };
}

function withDuties(findings: readonly Finding[], before: readonly Finding[]): Finding[] {
  const known = new Set(findings.map(({ message }) => message));
  return [...findings, ...before.filter(({ kind, message }) => kind === 'duty' && !known.has(message))];
}

/** For people, with an empty line between its parts. */
export function reportText({ app, verdict, findings, comparison, problems }: Report): string {
  const { compared, same } = comparison;
  const differing = compared.filter((source) => !same.includes(source));
  const parts = [
    [`${app} ${VERDICTS[verdict]}`],
    ...(Object.keys(TITLES) as Severity[]).map((severity) => findingLines(severity, findings)),
    titled('Two workers have the same', same),
    titled('Two workers have their own', differing),
    titled('Problems', problems),
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

function isRefusal({ severity }: Finding): boolean {
  return severity === 'refusal';
}

function findingLines(wanted: Severity, findings: readonly Finding[]): string[] {
  const ones = findings.filter(({ severity }) => severity === wanted);
  return titled(
    TITLES[wanted],
    ones.map(({ message, remedy }) => `${message}\n    ${remedy}`),
  );
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${line}`)];
}
