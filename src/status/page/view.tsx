import type { ComponentChildren } from 'preact';
import { count, duration, mebibytes, percent, rate } from '../../util/quantities.js';
import { condition, isLate, reloadText, requestRates, totalRate, workerCells } from '../figures.js';
import type { History } from '../history.js';
import type { Status, WorkerStatus } from '../status.js';
import { Plots } from './plots.js';

const STATES = ['ready', 'booting', 'draining'] as const;

interface StatusProps {
  readonly status: Status;
}

export function Heading({ status }: StatusProps) {
  const { app, args } = status.description;
  const text = condition(status);
  const reload = reloadText(status);
  return (
    <header>
      <h1>{[app, ...args].join(' ')}</h1>
      <p class={['serving', 'reloading'].includes(text) ? 'good' : 'bad'}>{text}</p>
      {reload !== undefined && <p class="reload">{reload}</p>}
    </header>
  );
}

interface NumbersProps extends StatusProps {
  readonly history: History;
  readonly earlier?: Status | undefined;
}

/** All that is to be said in numbers: made by the server first, by the page itself from then on. */
export function Numbers({ status, history, earlier }: NumbersProps) {
  const rates = requestRates(status, earlier);
  return (
    <>
      <Summary status={status} rates={rates} />
      <Pool status={status} />
      <Plots history={history} />
      <Workers status={status} rates={rates} />
      <Details status={status} />
    </>
  );
}

interface RatesProps extends StatusProps {
  readonly rates: ReadonlyMap<number, number>;
}

function Summary({ status: { time, description, totals }, rates }: RatesProps) {
  const waiting = description.listeners.reduce((sum, { queued }) => sum + (queued ?? 0), 0);
  return (
    <dl class="tiles">
      <Pair name="workers ready">{`${totals.ready} of ${description.target}`}</Pair>
      <Pair name="connections">{count(totals.connections)}</Pair>
      <Pair name="requests/s">{rate(totalRate(rates))}</Pair>
      <Pair name="waiting">{count(waiting)}</Pair>
      <Pair name="memory (PSS)">{mebibytes(totals.pss)}</Pair>
      <Pair name="up">{duration(time - description.startedAt)}</Pair>
    </dl>
  );
}

function Pair({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A square for each worker, filled as far as it is busy. */
function Pool({ status: { workers } }: StatusProps) {
  return (
    <section aria-label="workers by state">
      <ul class="pool">
        {workers.map(({ slot, generation, pid, record, state, busy }) => (
          <li
            key={record}
            class={state}
            style={{ '--busy': percent(busy) }}
            title={`slot ${slot}, generation ${generation}, pid ${pid}: ${state}, ${percent(busy)} busy`}
          >
            {slot}
          </li>
        ))}
      </ul>
      <p class="legend">
        {STATES.map((state) => (
          <span key={state} class={state}>
            {`${workers.filter((worker) => worker.state === state).length} ${state}`}
          </span>
        ))}
      </p>
    </section>
  );
}

/** The columns of the workers' table: what each is called, and which are words. */
const COLUMNS = [
  'slot',
  'gen',
  'pid',
  'state',
  'connections',
  'accepted',
  'requests',
  'requests/s',
  'loop delay',
  'busy',
  'up',
  'memory (PSS)',
] as const;
const WORDS: readonly string[] = ['state', 'busy'];

function Workers({ status: { workers, time }, rates }: RatesProps) {
  return (
    <table class="workers">
      <thead>
        <tr>
          {COLUMNS.map((name) => (
            <th key={name} class={WORDS.includes(name) ? 'word' : ''}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <Worker key={worker.record} {...{ worker, time, perSecond: rates.get(worker.record) }} />
        ))}
      </tbody>
    </table>
  );
}

interface WorkerProps {
  readonly worker: WorkerStatus;
  readonly time: number;
  readonly perSecond: number | undefined;
}

function Worker({ worker, time, perSecond }: WorkerProps) {
  const cells = workerCells(worker, time, perSecond);
  const { slot, generation, pid, state, connections, accepted, requests, delay, busy, up, memory } = cells;
  const shown: Readonly<Record<(typeof COLUMNS)[number], ComponentChildren>> = {
    ...{ slot, gen: generation, pid, connections, accepted, requests, up },
    'requests/s': cells.perSecond,
    'memory (PSS)': memory,
    state: <span class={state}>{state}</span>,
    'loop delay': <span class={isLate(worker) ? 'late' : ''}>{delay}</span>,
    busy: (
      <span class="bar" style={{ '--busy': busy }}>
        {busy}
      </span>
    ),
  };
  return (
    <tr>
      {COLUMNS.map((name) => (
        <td key={name} class={WORDS.includes(name) ? 'word' : ''} data-name={name}>
          {shown[name]}
        </td>
      ))}
    </tr>
  );
}

function Details({ status: { time, description, monitor, zygote, totals } }: StatusProps) {
  const { version, generation, cwd, counters, listeners } = description;
  const memory = (name: string, bytes: number | undefined) => `${name}, ${mebibytes(bytes)}`;
  return (
    <dl class="details">
      {listeners.map(({ address, queued, backlog }) => (
        <Pair key={address} name="listening on">
          {queued === null ? address : `${address}, ${queued} of ${backlog ?? '?'} waiting`}
        </Pair>
      ))}
      <Pair name="folder">{cwd}</Pair>
      <Pair name="monitor">{memory(`pid ${monitor.pid}`, monitor.usage?.pss)}</Pair>
      <Pair name="zygote">
        {zygote === null ? 'none' : memory(`pid ${zygote.pid}, generation ${zygote.generation}`, zygote.usage?.pss)}
      </Pair>
      <Pair name="generation">{String(generation)}</Pair>
      <Pair name="so far">
        {`${counters.forked} forked, ${counters.died} died, ${counters.killed} killed, ${counters.reloads} reloads`}
      </Pair>
      <Pair name="processor time">{duration(totals.cpu)}</Pair>
      <Pair name="prefork">{version}</Pair>
      <Pair name="as of">{`${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`}</Pair>
    </dl>
  );
}
