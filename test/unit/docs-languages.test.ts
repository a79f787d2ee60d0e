import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

/** The pages that exist in both languages. */
const PAGES = ['README', 'docs/echo', 'docs/lessons', 'docs/inspect', 'docs/compare', 'docs/fork'];
const FENCED = /^ *```(\w*)\n(.*?)^ *```$/gms;

interface Outline {
  /** The level of each heading, in order. */
  readonly levels: readonly number[];
  /** Each item of a list, by its mark, and each row of a table, by how many columns it has; in order. */
  readonly blocks: readonly string[];
  /** What each code block says, without what is there for people. */
  readonly code: readonly string[];
}

function outlineOf(path: string): Outline {
  const text = readFileSync(path, 'utf8');
  const lines = text.replace(FENCED, '').split('\n');
  return {
    levels: lines.flatMap((line) => /^#+(?= )/.exec(line)?.[0].length ?? []),
    blocks: lines.flatMap((line) => {
      if (line.startsWith('|')) return `row of ${line.split(/(?<!\\)\|/).length - 2}`;
      return /^(?:-|\d+\.)(?= )/.exec(line)?.[0] ?? [];
    }),
    code: [...text.matchAll(FENCED)].map(
      ([, language = '', code = '']) => `${language}\n${withoutWords(language, code)}`,
    ),
  };
}

/** Comments, which include what a lesson says, and the labels of a diagram may be translated. */
function withoutWords(language: string, code: string): string {
  if (language === 'mermaid') return code.replace(/"[^"]*"/g, '""');
  const comment = language === 'js' ? / \/\/ .*$/gm : /(?:^| {2,})# .*$/gm;
  return code.replace(comment, '');
}

describe.each(PAGES)('%s', (page) => {
  const english = outlineOf(`${page}.md`);
  const japanese = outlineOf(`${page}.ja.md`);

  test('has the same headings, lists and tables in both languages', () => {
    expect(english.levels.length).toBeGreaterThan(1);
    expect(japanese.levels).toEqual(english.levels);
    expect(japanese.blocks).toEqual(english.blocks);
  });

  test('has the same code in both languages', () => {
    expect(japanese.code).toEqual(english.code);
  });

  test('each language leads to the other', () => {
    const name = page.replace('docs/', '');
    expect(readFileSync(`${page}.md`, 'utf8')).toContain(`[日本語](${name}.ja.md)`);
    expect(readFileSync(`${page}.ja.md`, 'utf8')).toContain(`[English](${name}.md)`);
  });
});
