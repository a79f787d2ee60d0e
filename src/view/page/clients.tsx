import { useEffect, useRef } from 'preact/hooks';
import type { Figure } from '../../figure/figure.js';
import type { Colours } from '../../figure/page/colours.js';
import { portText } from '../../figure/page/layout.js';
import type { Act, ClientEnd, ClientView } from '../messages.js';
import type { Words } from './words.js';

interface ClientsProps {
  readonly clients: readonly ClientView[];
  readonly figures: readonly Figure[];
  readonly words: Words;
  readonly act: (act: Act) => void;
  readonly colours: Colours;
}

export function Clients({ clients, words, act, ...rest }: ClientsProps) {
  const connect = (kind: ClientView['kind'], count: number) => () => act({ act: 'connect', kind, count });
  return (
    <section aria-labelledby="clients">
      <h2 id="clients">{words.clients}</h2>
      <p class="controls">
        <button type="button" class="main" onClick={connect('terminal', 1)}>
          {words.connect}
        </button>
        <button type="button" onClick={connect('terminal', 10)}>
          {words.ten}
        </button>
        <button type="button" onClick={connect('silent', 1)}>
          {words.silent}
        </button>
        <button type="button" onClick={connect('slow', 1)}>
          {words.slow}
        </button>
      </p>
      {clients.length === 0 && <p class="note">{words.noClients}</p>}
      <div class="terminals">
        {clients.map((client) => (
          <Client key={client.id} {...{ client, words, act, ...rest }} />
        ))}
      </div>
    </section>
  );
}

type ClientProps = Omit<ClientsProps, 'clients'> & { readonly client: ClientView };

function Client({ client: { id, kind, ends }, figures, words, act, colours }: ClientProps) {
  const isOpen = ends.some(({ open }) => open);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const input = (event.currentTarget as HTMLFormElement).elements.namedItem('line') as HTMLInputElement;
    act({ act: 'send', client: id, text: input.value });
    input.value = '';
  };
  return (
    <article class={`terminal c${colours(ends[0]?.address ?? '')}${isOpen ? '' : ' closed'}`}>
      {ends.map((end, pane) => (
        <End key={pane} end={end} figure={figures[pane]} words={words} />
      ))}
      {isOpen && kind === 'terminal' && (
        <form onSubmit={submit}>
          <input name="line" autocomplete="off" aria-label={words.line} placeholder={words.line} />
          <button type="submit">{words.send}</button>
        </form>
      )}
      <p class="controls">
        {isOpen ? (
          <>
            <button type="button" onClick={() => act({ act: 'send', client: id, text: 'exit' })}>
              {words.exit}
            </button>
            <button type="button" onClick={() => act({ act: 'hang-up', client: id })}>
              {words.hangUp}
            </button>
            <button type="button" onClick={() => act({ act: 'reset', client: id })}>
              {words.reset}
            </button>
          </>
        ) : (
          <button type="button" onClick={() => act({ act: 'forget', client: id })}>
            {words.forget}
          </button>
        )}
      </p>
    </article>
  );
}

/** The connection to one of the servers. */
function End({ end, figure, words }: { readonly end: ClientEnd; readonly figure: Figure | undefined; words: Words }) {
  const output = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (output.current) output.current.scrollTop = output.current.scrollHeight;
  }, [end.text]);
  return (
    <>
      <h3>
        {end.address === null ? '…' : portText(end.address)} <small>{whereIs(end, figure, words)}</small>
      </h3>
      <pre ref={output}>{end.text}</pre>
    </>
  );
}

function whereIs({ address, open }: ClientEnd, figure: Figure | undefined, words: Words): string {
  if (!open) return words.hungUp;
  const holder = figure?.connections.find(({ peer }) => peer === address)?.holders[0];
  if (holder !== undefined) return words.servedBy(holder.pid);
  const queued = figure?.listeners.some(({ waiting }) => address !== null && waiting.includes(address));
  return queued ? words.inQueue : words.connecting;
}
