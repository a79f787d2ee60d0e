import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { About, Act, ClientView, Figure } from '../figure.js';
import { Drawing } from './drawing.js';
import { colorOf, portText } from './layout.js';
import { Strip } from './strip.js';
import { doing, isParent, type Language, sentence, WORDS, type Words } from './words.js';

/** Milliseconds that can be scrolled back. */
const KEPT = 600_000;

function Page({ about }: { readonly about: About }) {
  const [language, setLanguage] = useState<Language>(navigator.language.startsWith('ja') ? 'ja' : 'en');
  const [frames, setFrames] = useState(about.frames);
  const [clients, setClients] = useState<readonly ClientView[]>([]);
  const [lost, setLost] = useState(false);
  const [problem, setProblem] = useState('');
  /** Which frame is shown; undefined for the newest. */
  const [pinned, setPinned] = useState<number | undefined>(about.mode === 'replay' ? 0 : undefined);
  const [playing, setPlaying] = useState(false);
  const words = WORDS[language];
  const at = Math.min(pinned ?? frames.length - 1, frames.length - 1);
  const figure = frames[at];

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `${words.title} – prefork`;
  }, [language]);
  useEffect(() => {
    if (about.mode === 'replay') return;
    const events = new EventSource('events');
    events.addEventListener('figure', ({ data }) => {
      const next = JSON.parse(data) as Figure;
      setFrames((before) => [...before.filter(({ time }) => time > next.time - KEPT && time < next.time), next]);
      setLost(false);
    });
    events.addEventListener('clients', ({ data }) => setClients(JSON.parse(data)));
    events.addEventListener('error', () => setLost(true));
    return () => events.close();
  }, []);
  useEffect(() => {
    if (!playing || pinned === undefined) return;
    const [now, next] = [frames[pinned], frames[pinned + 1]];
    if (now === undefined || next === undefined) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => setPinned(pinned + 1), next.time - now.time);
    return () => clearTimeout(timer);
  }, [playing, pinned]);

  const act = async (what: Act) => {
    const answer = await fetch('act', { method: 'POST', body: JSON.stringify(what) }).catch(() => undefined);
    setProblem(answer === undefined || answer.ok ? '' : await answer.text());
  };
  const live = about.mode === 'live' && pinned === undefined;
  return (
    <main>
      <header>
        <h1>{words.title}</h1>
        {about.mode === 'replay' && <span class="badge">{words.replay}</span>}
        <nav>
          {(['en', 'ja'] as const).map((one) => (
            <button type="button" key={one} lang={one} aria-pressed={one === language} onClick={() => setLanguage(one)}>
              {one === 'en' ? 'English' : '日本語'}
            </button>
          ))}
        </nav>
      </header>
      <p role="alert" hidden={!lost && problem === ''}>
        {lost ? words.lost : problem}
      </p>
      {figure && figure.processes.length === 0 && (
        <p class="gone">
          {words.gone}{' '}
          {about.owned && live && (
            <button type="button" onClick={() => act({ act: 'start' })}>
              {words.start}
            </button>
          )}
        </p>
      )}
      {figure && figure.processes.length > 0 && <Drawing figure={figure} words={words} />}
      {figure?.notes.map((note) => (
        <p key={note} class="note">
          {note}
        </p>
      ))}
      <section aria-label={words.time} class="time">
        <div class="controls">
          {about.mode === 'live' ? (
            <button type="button" aria-pressed={!live} onClick={() => setPinned(live ? at : undefined)}>
              {live ? words.pause : words.now}
            </button>
          ) : (
            <button type="button" onClick={() => setPlaying(!playing)}>
              {playing ? words.pause : words.play}
            </button>
          )}
          <input
            type="range"
            aria-label={words.moment}
            min="0"
            max={Math.max(frames.length - 1, 0)}
            value={at}
            onInput={({ currentTarget }) => setPinned(Number(currentTarget.value))}
          />
          <output>{figure && new Date(figure.time).toLocaleTimeString(language)}</output>
        </div>
        <Strip frames={frames} at={at} words={words} />
      </section>
      <div class="panels">
        {about.mode === 'live' && figure && <Clients {...{ clients, figure, words, act }} />}
        {figure && <Sentences {...{ figure, words, act }} acts={about.owned && live} />}
        {about.owned && <Tries frames={frames} words={words} />}
      </div>
    </main>
  );
}

interface PartProps {
  readonly figure: Figure;
  readonly words: Words;
  readonly act: (act: Act) => void;
}

function Clients({ clients, figure, words, act }: PartProps & { readonly clients: readonly ClientView[] }) {
  return (
    <section aria-labelledby="clients">
      <h2 id="clients">{words.clients}</h2>
      <p class="controls">
        <button type="button" class="main" onClick={() => act({ act: 'connect', kind: 'terminal', count: 1 })}>
          {words.connect}
        </button>
        <button type="button" onClick={() => act({ act: 'connect', kind: 'terminal', count: 10 })}>
          {words.ten}
        </button>
        <button type="button" onClick={() => act({ act: 'connect', kind: 'silent', count: 1 })}>
          {words.silent}
        </button>
        <button type="button" onClick={() => act({ act: 'connect', kind: 'slow', count: 1 })}>
          {words.slow}
        </button>
      </p>
      {clients.length === 0 && <p class="note">{words.noClients}</p>}
      <div class="terminals">
        {clients.map((client) => (
          <Terminal key={client.id} {...{ client, figure, words, act }} />
        ))}
      </div>
    </section>
  );
}

function Terminal({ client, figure, words, act }: PartProps & { readonly client: ClientView }) {
  const output = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (output.current) output.current.scrollTop = output.current.scrollHeight;
  }, [client.text]);
  const { id, address, kind, text } = client;
  const holder = figure.connections.find(({ peer }) => peer === address)?.holders[0];
  const queued = figure.listeners.some(({ waiting }) => address !== null && waiting.includes(address));
  const where = holder ? words.servedBy(holder.pid) : queued ? words.inQueue : words.connecting;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('line') as HTMLInputElement;
    act({ act: 'send', client: id, text: input.value });
    input.value = '';
  };
  return (
    <article class={`terminal c${colorOf(address ?? '')}`}>
      <h3>
        {address === null ? '…' : portText(address)} <small>{where}</small>
      </h3>
      <pre ref={output}>{text}</pre>
      {kind === 'terminal' && (
        <form onSubmit={submit}>
          <input name="line" autocomplete="off" aria-label={words.line} placeholder={words.line} />
          <button type="submit">{words.send}</button>
        </form>
      )}
      <p class="controls">
        <button type="button" onClick={() => act({ act: 'send', client: id, text: 'exit' })}>
          {words.exit}
        </button>
        <button type="button" onClick={() => act({ act: 'hang-up', client: id })}>
          {words.hangUp}
        </button>
        <button type="button" onClick={() => act({ act: 'reset', client: id })}>
          {words.reset}
        </button>
      </p>
    </article>
  );
}

/** What the drawing shows, for those who read; with the buttons of each process. */
function Sentences({ figure, words, act, acts }: PartProps & { readonly acts: boolean }) {
  return (
    <section aria-labelledby="sentences">
      <h2 id="sentences">{words.sentences}</h2>
      <table>
        <tbody>
          {figure.listeners.map(({ address, inode, queued, backlog }) => (
            <tr key={inode}>
              <th scope="row">
                {words.listens} {address}
              </th>
              <td>{words.queue(queued, backlog)}</td>
            </tr>
          ))}
          {figure.processes.map((process) => {
            const { pid, start, state } = process;
            return (
              <tr key={`${pid} ${start}`} data-pid={pid} class={doing(process, figure)}>
                <th scope="row">
                  {isParent(process, figure) ? words.parent : words.child} {pid}
                </th>
                <td>
                  {sentence(process, figure, words)}
                  {acts && (
                    <span class="controls">
                      <button type="button" onClick={() => act({ act: 'SIGKILL', pid, start })}>
                        {words.kill}
                      </button>
                      <button
                        type="button"
                        onClick={() => act({ act: state === 'stopped' ? 'SIGCONT' : 'SIGSTOP', pid, start })}
                      >
                        {state === 'stopped' ? words.cont : words.stop}
                      </button>
                    </span>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

/** Steps that see for themselves whether they have been done. */
function Tries({ frames, words }: { readonly frames: readonly Figure[]; readonly words: Words }) {
  const done = useRef<readonly boolean[]>([]);
  const [before, now] = [frames.at(-2), frames.at(-1)];
  if (now !== undefined) done.current = words.steps.map((_, step) => done.current[step] || isDone(step, now, before));
  return (
    <section aria-labelledby="tries">
      <h2 id="tries">{words.tries}</h2>
      <ol class="tries">
        {words.steps.map((step, index) => (
          <li key={index} class={done.current[index] ? 'done' : ''}>
            {step} {done.current[index] && <strong>✓ {words.done}</strong>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function isDone(step: number, now: Figure, before: Figure | undefined): boolean {
  const children = now.processes.filter((process) => !isParent(process, now));
  const served = (figure: Figure) => figure.connections.length;
  if (step === 0) return children.length > 0 && children.every((child) => doing(child, now) === 'accepting');
  if (step === 1) return served(now) > 0 && now.connections.every(({ holders }) => holders.length === 1);
  if (step === 2) return served(now) >= children.length && now.listeners.some(({ queued }) => queued > 0);
  const serving = before?.processes.filter((process) => doing(process, before) === 'serving') ?? [];
  return serving.some(({ pid }) => now.processes.length > 0 && !now.processes.some((process) => process.pid === pid));
}

const about: About = await (await fetch('about')).json();
render(<Page about={about} />, document.body);
