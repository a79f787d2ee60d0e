import { LineOutput } from '../output/line-output.js';
import { Live, type Stager } from '../view/live.js';
import { MODELS } from '../view/messages.js';
import { echoWith } from '../view/observed.js';
import { UsageError } from './command.js';
import { showLive, stager } from './serve-view.js';

const STDOUT = 1;

/** The values of prefork echo's options. */
type Given = Readonly<Record<string, string | boolean | undefined>> & {
  readonly model: string;
  readonly workers: string;
};

/**
 * `prefork echo --view`: a prefork echo with the same options runs beside the view, which watches it from outside.
 * @returns the exit status
 */
export async function viewEcho({ view: _, model: name, ...given }: Given): Promise<number> {
  if (given.path !== undefined) throw new UsageError('--view shows servers that listen on TCP; leave out --path');
  const model = MODELS.find((one) => one === name) ?? 'prefork';
  const others = stager(Number(given.workers));
  const output = new LineOutput(STDOUT);
  const stages: Stager[] = [() => echoWith(model, argumentsOf(given), (line) => output.write(line))];
  return showLive(
    () => Live.on((...scene) => (stages.pop() ?? others)(...scene), { show: 'echo', models: [model] }),
    0,
  );
}

function argumentsOf(given: Readonly<Record<string, string | boolean | undefined>>): string[] {
  return Object.entries(given).flatMap(([flag, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${flag}`] : [`--${flag}`, value];
  });
}
