import { render } from 'preact';
import { useRef, useState } from 'preact/hooks';
import type { History } from '../history.js';
import type { Status } from '../status.js';
import { FigureTab } from './figure-tab.js';
import { load, pause } from './load.js';
import { Heading, Numbers } from './view.js';

const INTERVAL = 1000;
const TABS = ['numbers', 'figure'] as const;
type Tab = (typeof TABS)[number];

interface Seen {
  readonly status: Status;
  readonly earlier: Status | undefined;
  readonly history: History;
}

function Page(seen: Seen) {
  const [tab, setTab] = useState<Tab>(() => TABS.find((name) => location.hash === `#${name}`) ?? 'numbers');
  return (
    <>
      <Heading status={seen.status} />
      <Tabs tab={tab} choose={setTab} />
      <section class={tab} id="panel" role="tabpanel" aria-labelledby={`tab-${tab}`}>
        {tab === 'numbers' ? <Numbers {...seen} /> : <FigureTab pid={seen.status.monitor.pid} />}
      </section>
    </>
  );
}

interface TabsProps {
  readonly tab: Tab;
  readonly choose: (tab: Tab) => void;
}

/** As https://www.w3.org/WAI/ARIA/apg/patterns/tabs/ has it: arrow keys go from one to the other. */
function Tabs({ tab, choose }: TabsProps) {
  const buttons = useRef(new Map<Tab, HTMLButtonElement | null>()).current;
  const show = (name: Tab) => {
    history.replaceState(null, '', `#${name}`); // For a link, and for the page loaded anew.
    choose(name);
  };
  const turn = ({ key }: KeyboardEvent) => {
    if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
    const other = tab === 'numbers' ? 'figure' : 'numbers';
    show(other);
    buttons.get(other)?.focus();
  };
  return (
    <div role="tablist" aria-label="what is shown">
      {TABS.map((name) => (
        <button
          key={name}
          ref={(button) => void buttons.set(name, button)}
          type="button"
          role="tab"
          id={`tab-${name}`}
          aria-controls="panel"
          aria-selected={name === tab}
          tabIndex={name === tab ? 0 : -1}
          onClick={() => show(name)}
          onKeyDown={turn}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

/** A point is due; whichever way the clock was set. */
function hasMore({ interval, points }: History, { time }: Status): boolean {
  return Math.abs(time - (points.at(-1)?.time ?? 0)) >= interval;
}

/** Keeps what the server has made current; of that, only what differs is changed. */
async function keepCurrent(main: Element, alert: HTMLElement): Promise<never> {
  let earlier: Status | undefined;
  let history: History | undefined;
  for (;;) {
    try {
      const status = await load<Status>('status.json');
      if (history === undefined || hasMore(history, status)) history = await load<History>('history.json');
      render(<Page {...{ status, history, earlier }} />, main);
      earlier = status;
      alert.hidden = true;
    } catch (error) {
      alert.textContent = `No answer from the server: ${(error as Error).message}`;
      alert.hidden = false;
    }
    await pause(INTERVAL);
  }
}

keepCurrent(document.querySelector('main') as Element, document.querySelector('[role=alert]') as HTMLElement);
