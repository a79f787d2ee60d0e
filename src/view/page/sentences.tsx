import type { Figure, FigureProcess } from '../../figure/figure.js';
import { Sentences } from '../../figure/page/sentences.js';
import type { Act } from '../messages.js';
import type { Words } from './words.js';

interface ActableProps {
  readonly figures: readonly Figure[];
  readonly words: Words;
  readonly act: (act: Act) => void;
  /** The processes may be acted on. */
  readonly acts: boolean;
}

/** The figures in sentences, with the buttons of each process. */
export function Actable({ figures, words, act, acts }: ActableProps) {
  const controls = (process: FigureProcess) => acts && <Controls {...{ process, words, act }} />;
  return (
    <section aria-labelledby="sentences">
      <h2 id="sentences">{words.sentences}</h2>
      {figures.map((figure, pane) => (
        <Sentences key={pane} {...{ figure, words, controls }} />
      ))}
    </section>
  );
}

interface ControlsProps extends Pick<ActableProps, 'words' | 'act'> {
  readonly process: FigureProcess;
}

function Controls({ process: { pid, start, state, role }, words, act }: ControlsProps) {
  const signal = state === 'stopped' ? 'SIGCONT' : 'SIGSTOP';
  return (
    <span class="controls">
      <button type="button" onClick={() => act({ act: 'SIGKILL', pid, start })}>
        {words.kill}
      </button>
      <button type="button" onClick={() => act({ act: signal, pid, start })}>
        {signal === 'SIGCONT' ? words.cont : words.stop}
      </button>
      {role === 'monitor' &&
        (['SIGTTIN', 'SIGTTOU', 'SIGHUP'] as const).map((order) => (
          <button type="button" key={order} title={order} onClick={() => act({ act: order, pid, start })}>
            {words.orders[order]}
          </button>
        ))}
    </span>
  );
}
