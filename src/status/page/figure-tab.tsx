import { useEffect, useState } from 'preact/hooks';
import type { Figure } from '../../figure/figure.js';
import { colourOf } from '../../figure/page/colours.js';
import { Drawing } from '../../figure/page/drawing.js';
import { Sentences } from '../../figure/page/sentences.js';
import { FIGURE_WORDS } from '../../figure/page/words.js';
import { load, pause } from './load.js';

/** Milliseconds from one look to the next; none is asked for while this tab is not seen. */
const INTERVAL = 200;

/** The service's processes, live, as far as the process that serves this page may look at them. @param pid the monitor's */
export function FigureTab({ pid }: { readonly pid: number }) {
  const { figure, problem } = useFigure();
  const missing = problem === undefined ? (figure?.notes ?? []) : [problem];
  return (
    <>
      {missing.length > 0 && (
        <div class="missing">
          <ul>
            {missing.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
          <p>
            With the right to see it, as root for instance, <code>prefork view {pid}</code> on the service’s machine
            shows all of it.
          </p>
        </div>
      )}
      {figure !== undefined && (
        <>
          <Drawing figure={figure} words={FIGURE_WORDS.en} colours={colourOf} />
          <Sentences figure={figure} words={FIGURE_WORDS.en} />
        </>
      )}
    </>
  );
}

interface Looked {
  readonly figure?: Figure;
  /** Why there is no figure. */
  readonly problem?: string;
}

function useFigure(): Looked {
  const [looked, setLooked] = useState<Looked>({});
  useEffect(() => {
    let isSeen = true;
    const look = async () => {
      while (isSeen) {
        try {
          const figure = await load<Figure>('figure.json');
          if (isSeen) setLooked({ figure });
        } catch (error) {
          if (isSeen) setLooked((before) => ({ ...before, problem: (error as Error).message }));
        }
        await pause(INTERVAL);
      }
    };
    look();
    return () => {
      isSeen = false;
    };
  }, []);
  return looked;
}
