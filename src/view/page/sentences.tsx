import type { Act, Figure } from '../figure.js';
import { doing, sentence, titleOf, type Words } from './words.js';

interface SentencesProps {
  readonly figures: readonly Figure[];
  readonly words: Words;
  readonly act: (act: Act) => void;
  /** The processes may be acted on. */
  readonly acts: boolean;
}

/** What the drawing shows, for those who read; with the buttons of each process. */
export function Sentences({ figures, ...rest }: SentencesProps) {
  return (
    <section aria-labelledby="sentences">
      <h2 id="sentences">{rest.words.sentences}</h2>
      {figures.map((figure, pane) => (
        <Table key={pane} figure={figure} {...rest} />
      ))}
    </section>
  );
}

function Table({ figure, words, act, acts }: Omit<SentencesProps, 'figures'> & { readonly figure: Figure }) {
  return (
    <table>
      <tbody>
        {figure.listeners.map(({ address, inode, queued, backlog, holders: [first] }) => (
          <tr key={`${inode} ${first?.pid}`}>
            <th scope="row">
              {words.listens} {address}
            </th>
            <td>{words.queue(queued, backlog)}</td>
          </tr>
        ))}
        {figure.files.map(({ path, access, offset, holders: [first] }) => (
          <tr key={`${first?.pid} ${first?.fd}`}>
            <th scope="row">{path.slice(path.lastIndexOf('/') + 1)}</th>
            <td>
              {access}, {words.offset(offset)}
            </td>
          </tr>
        ))}
        {figure.processes.map((process) => {
          const { pid, start, state } = process;
          const signal = state === 'stopped' ? 'SIGCONT' : 'SIGSTOP';
          return (
            <tr key={`${pid} ${start}`} data-pid={pid} class={doing(process, figure)}>
              <th scope="row">{titleOf(process, figure, words)}</th>
              <td>
                {sentence(process, figure, words)}
                {acts && (
                  <span class="controls">
                    <button type="button" onClick={() => act({ act: 'SIGKILL', pid, start })}>
                      {words.kill}
                    </button>
                    <button type="button" onClick={() => act({ act: signal, pid, start })}>
                      {signal === 'SIGCONT' ? words.cont : words.stop}
                    </button>
                    {process.role === 'monitor' &&
                      (['SIGTTIN', 'SIGTTOU', 'SIGHUP'] as const).map((order) => (
                        <button type="button" key={order} title={order} onClick={() => act({ act: order, pid, start })}>
                          {words.orders[order]}
                        </button>
                      ))}
                  </span>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
