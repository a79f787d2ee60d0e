import { useEffect, useState } from 'preact/hooks';
import type { Figure } from '../../figure/figure.js';
import type { About, ClientView, Stage, TerminalView } from '../messages.js';

/** Milliseconds that can be scrolled back. */
const KEPT = 600_000;

/** One look: a figure for each program. */
export type Frame = readonly Figure[];

export interface Feed {
  readonly frames: readonly Frame[];
  readonly clients: readonly ClientView[];
  readonly stage: Stage | undefined;
  readonly terminal: TerminalView | undefined;
  /** The server of the page does not answer any more. */
  readonly lost: boolean;
}

/** What prefork view tells of what it sees. */
export function useFeed(about: About): Feed {
  const [frames, setFrames] = useState<readonly Frame[]>(about.frames);
  const [clients, setClients] = useState<readonly ClientView[]>([]);
  const [stage, setStage] = useState<Stage>();
  const [terminal, setTerminal] = useState<TerminalView>();
  const [lost, setLost] = useState(false);
  useEffect(() => {
    if (about.mode === 'replay') return;
    const events = new EventSource('events');
    let run: number | undefined;
    events.addEventListener('stage', ({ data }) => {
      const next = JSON.parse(data) as Stage;
      // Another program: what was seen before is none of its history.
      if (next.run !== run) {
        setFrames([]);
        setTerminal(undefined);
      }
      run = next.run;
      setStage(next);
      setLost(false);
    });
    events.addEventListener('figures', ({ data }) => {
      const next = JSON.parse(data) as Frame;
      if (next.length === 0) return;
      const now = timeOf(next);
      setFrames((before) => [...before.filter((frame) => timeOf(frame) > now - KEPT && timeOf(frame) < now), next]);
    });
    events.addEventListener('clients', ({ data }) => setClients(JSON.parse(data)));
    events.addEventListener('terminal', ({ data }) => setTerminal(JSON.parse(data)));
    events.addEventListener('error', () => setLost(true));
    return () => events.close();
  }, [about]);
  return { frames, clients, stage, terminal, lost };
}

/** Milliseconds since 1970. */
export function timeOf(frame: Frame): number {
  return frame[0]?.time ?? 0;
}
