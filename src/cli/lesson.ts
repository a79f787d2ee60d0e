import { LESSONS } from '../tutorial/lessons/index.js';
import { LANGUAGES, type Language, type Lesson, language, sayIn } from '../tutorial/lessons/lesson.js';
import { defineCommand, integer, UsageError } from './command.js';
import { explain } from './explain.js';
import { print } from './print.js';

export const lesson = defineCommand({
  name: 'lesson',
  summary: 'List the lessons on the road to a prefork server, or run one of them',
  positionals: '[N]',
  anywhere: true,
  options: {
    port: {
      type: 'string',
      short: 'p',
      default: '12345',
      placeholder: 'number',
      help: 'where to listen; 0: any free port',
    },
    workers: { type: 'string', short: 'w', placeholder: 'number', help: 'how many children; 3 by default' },
    echo: { type: 'boolean', help: 'send the lines back to the client (lesson 3)' },
    lang: {
      type: 'string',
      placeholder: LANGUAGES.join('|'),
      help: "the explanations' language; the locale's by default",
    },
  },
  run({ values, positionals: [number, ...more] }) {
    const lang = values.lang === undefined ? language(process.env) : checkLanguage(values.lang);
    if (more[0] !== undefined) throw new UsageError(`one lesson at a time: unexpected argument '${more[0]}'`);
    if (number === undefined) return print(list(lang));
    const lesson = LESSONS.find((_, index) => String(index + 1) === number);
    if (lesson === undefined) {
      throw new UsageError(`no lesson '${number}'; there are 1 to ${LESSONS.length}: see 'prefork lesson'`);
    }
    for (const flag of ['workers', 'echo'] as const) {
      if (values[flag] !== undefined && !lesson.heeds?.includes(flag)) throw new UsageError(unheeded(flag));
    }

    const setting = {
      port: integer('--port', values.port, 0, 65535),
      workers: integer('--workers', values.workers ?? '3', 1, 100),
      echo: values.echo ?? false,
      say: sayIn(lang),
    };
    try {
      lesson.run(setting);
    } catch (error) {
      throw new Error(explain(error, lang), { cause: error });
    }
  },
});

function checkLanguage(value: string): Language {
  const found = LANGUAGES.find((candidate) => candidate === value);
  if (found === undefined) throw new UsageError(`--lang must be one of ${LANGUAGES.join(', ')}, not '${value}'`);
  return found;
}

function list(lang: Language): string {
  return LESSONS.map(({ title }, index) => `${index + 1}  ${title[lang]}\n`).join('');
}

function unheeded(flag: NonNullable<Lesson['heeds']>[number]): string {
  const numbers = LESSONS.flatMap(({ heeds }, index) => (heeds?.includes(flag) ? [index + 1] : []));
  return `--${flag} is for lesson ${numbers.join(', ')}`;
}
