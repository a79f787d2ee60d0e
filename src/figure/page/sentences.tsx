import type { ComponentChildren } from 'preact';
import type { Figure, FigureProcess } from '../figure.js';
import { doing, type FigureWords, sentence, titleOf } from './words.js';

interface SentencesProps {
  readonly figure: Figure;
  readonly words: FigureWords;
  /** What is to stand below the sentence of a process. */
  readonly controls?: (process: FigureProcess) => ComponentChildren;
}

/** What the drawing shows, for those who read. */
export function Sentences({ figure, words, controls }: SentencesProps) {
  return (
    <table class="sentences">
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
        {figure.processes.map((process) => (
          <tr key={`${process.pid} ${process.start}`} data-pid={process.pid} class={doing(process, figure)}>
            <th scope="row">{titleOf(process, figure, words)}</th>
            <td>
              {sentence(process, figure, words)}
              {controls?.(process)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
