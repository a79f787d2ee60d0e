import { readStat } from '../proc/process.js';
import { LESSONS } from '../tutorial/lessons/index.js';
import { language } from '../tutorial/lessons/lesson.js';
import { Live } from '../view/live.js';
import { MODELS, type Scene } from '../view/messages.js';
import { others } from '../view/observed.js';
import { Recording, readRecording } from '../view/recording.js';
import { replay } from '../view/server.js';
import { defineCommand, integer, UsageError } from './command.js';
import { complain } from './print.js';
import { processId } from './resolve-server.js';
import { showLive, showSource, stager } from './serve-view.js';

export const view = defineCommand({
  name: 'view',
  summary: 'Show a running server as a live figure in a browser',
  positionals: '[PID|FILE]',
  options: {
    port: { type: 'string', short: 'p', default: '0', placeholder: 'number', help: "the page's port; 0 takes any" },
    workers: {
      type: 'string',
      short: 'w',
      default: '3',
      placeholder: 'number',
      help: 'how many children its own programs fork',
    },
    lesson: {
      type: 'string',
      short: 'l',
      placeholder: 'number',
      help: 'begin with one of the lessons: see prefork lesson',
    },
    beside: {
      type: 'string',
      placeholder: 'model',
      help: 'show the same server beside it, written otherwise: start, cluster, cluster-none or event-loop',
    },
    record: { type: 'string', placeholder: 'file', help: 'write all that is seen into this new file' },
  },
  notes:
    'Without a PID, it starts a prefork echo of its own, with buttons that act on it. With the PID of another server\n' +
    'it only looks, and connects clients. With a file of --record, it replays that. It serves this machine only, at an\n' +
    'address that nobody can guess, and ends with Ctrl-C.',
  async run({ values, positionals: [given, ...more] }) {
    if (more[0] !== undefined) throw new UsageError(`one server at a time: unexpected argument '${more[0]}'`);
    const port = integer('--port', values.port, 0, 65535);
    const workers = integer('--workers', values.workers, 1, 32);
    const ownOnly = (['lesson', 'beside'] as const).find((flag) => values[flag] !== undefined);
    if (given !== undefined && ownOnly)
      throw new UsageError(`--${ownOnly} is without a ${/\D/.test(given) ? 'file' : 'PID'}`);
    if (given !== undefined && !/^\d+$/.test(given)) {
      if (values.record !== undefined) throw new UsageError('--record is for a running server, not for a recording');
      return showSource(replay(readRecording(given)), port);
    }
    const pid = given === undefined ? undefined : processId(given, 'PID');
    if (pid !== undefined && readStat(pid) === undefined) throw new Error(`there is no process ${pid}`);
    const scene = firstScene(values.lesson, values.beside);
    const recording = values.record === undefined ? undefined : recordingIn(values.record);
    return showLive(
      () => (pid === undefined ? Live.on(stager(workers), scene, recording) : Live.of(others([pid]), recording)),
      port,
    );
  },
});

/** A recording whose end is told; the view goes on without it. */
function recordingIn(file: string): Recording {
  return new Recording(file, ({ message }) => complain(`the recording in ${file} ends here: ${message}`));
}

/** @throws UsageError */
function firstScene(number: string | undefined, beside: string | undefined): Exclude<Scene, { show: 'others' }> {
  if (number !== undefined && beside !== undefined) throw new UsageError('--lesson or --beside: choose one');
  if (number !== undefined) {
    const wanted = integer('--lesson', number, 1, LESSONS.length);
    return { show: 'lesson', lesson: wanted, language: language(process.env) };
  }
  if (beside === undefined) return { show: 'echo', models: ['prefork'] };
  const model = MODELS.find((name) => name === beside);
  if (model === undefined) throw new UsageError(`--beside must be ${MODELS.join(', ')}, not '${beside}'`);
  return { show: 'echo', models: ['prefork', model] };
}
