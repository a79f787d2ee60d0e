import { useEffect, useRef } from 'preact/hooks';
import {
  type About,
  type Act,
  type ClientView,
  type Language,
  PACES,
  type Scene,
  type Stage,
  type TerminalView,
} from '../messages.js';
import type { Frame } from './feed.js';
import { LESSON_PAGES } from './lessons/index.js';
import { firstLine, marksOf } from './marks.js';
import { Steps } from './steps.js';
import type { Words } from './words.js';

interface LessonProps {
  readonly about: About;
  readonly stage: Stage;
  readonly scene: Extract<Scene, { show: 'lesson' }>;
  readonly terminal: TerminalView;
  readonly frames: readonly Frame[];
  readonly clients: readonly ClientView[];
  readonly language: Language;
  readonly words: Words;
  readonly act: (act: Act) => void;
}

/** A lesson: a few sentences, what to try, its terminal, and its source with the lines where its processes are. */
export function Lesson({ about, stage, scene, terminal, frames, clients, language, words, act }: LessonProps) {
  const page = LESSON_PAGES[scene.lesson - 1];
  const title = about.lessons[scene.lesson - 1];
  const goTo = (lesson: number) => act({ act: 'scene', scene: { show: 'lesson', lesson, language } });
  const waits = frames.at(-1)?.some(({ processes }) => processes.some(({ prints }) => prints !== undefined)) ?? false;
  if (page === undefined || title === undefined) return null;
  return (
    <article class="lesson">
      <section aria-labelledby="lesson">
        <h2 id="lesson">{words.lesson(scene.lesson, title[language])}</h2>
        {page[language].map((sentence) => (
          <p key={sentence}>{sentence}</p>
        ))}
        <h3>{words.tries}</h3>
        <Steps steps={page.steps} moment={{ frames, clients, terminal }} {...{ language, words }} />
        <p class="controls">
          <button type="button" disabled={scene.lesson === 1} onClick={() => goTo(scene.lesson - 1)}>
            {words.previous}
          </button>
          <button type="button" disabled={scene.lesson === about.lessons.length} onClick={() => goTo(scene.lesson + 1)}>
            {words.next}
          </button>
        </p>
      </section>
      <Terminal {...{ terminal, words, act }} waits={waits} again={() => goTo(scene.lesson)} />
      <Source source={stage.source ?? ''} frame={frames.at(-1)} words={words} />
    </article>
  );
}

interface TerminalProps extends Pick<LessonProps, 'terminal' | 'words' | 'act'> {
  /** A process waits to print its line. */
  readonly waits: boolean;
  readonly again: () => void;
}

function Terminal({ terminal: { text, pace, ended }, words, act, waits, again }: TerminalProps) {
  const output = useRef<HTMLPreElement>(null);
  useEffect(() => {
    if (output.current) output.current.scrollTop = output.current.scrollHeight;
  }, [text]);
  return (
    <section aria-labelledby="terminal">
      <h2 id="terminal">{words.terminal}</h2>
      <pre class="output" ref={output} role="log">
        {text}
      </pre>
      {ended === null ? (
        <>
          <p class="controls">
            <button type="button" class="main" disabled={!waits} onClick={() => act({ act: 'next' })}>
              {words.nextLine}
            </button>
            {PACES.map((one) => (
              <button
                type="button"
                key={one}
                aria-pressed={one === pace}
                onClick={() => act({ act: 'pace', pace: one })}
              >
                {words.paces[one]}
              </button>
            ))}
          </p>
          {pace !== 'run' && <p class="note">{words.paused}</p>}
        </>
      ) : (
        <p class="controls">
          <span>{words.ended(ended)}</span>
          <button type="button" class="main" onClick={again}>
            {words.again}
          </button>
        </p>
      )}
    </section>
  );
}

function Source({ source, frame, words }: { source: string; frame: Frame | undefined; words: Words }) {
  const box = useRef<HTMLPreElement>(null);
  const lines = source.trimEnd().split('\n');
  const first = firstLine(lines);
  const marks = new Map((frame?.[0] ? marksOf(source, frame[0]) : []).map((mark) => [mark.line, mark]));
  const target = [...marks.values()].find(({ pids }) => pids.length > 0)?.line ?? [...marks.keys()][0];
  useEffect(() => {
    const line = target === undefined ? null : box.current?.children[target - first];
    if (!(line instanceof HTMLElement) || box.current === null) return;
    const { scrollTop, clientHeight } = box.current;
    const isVisible = line.offsetTop >= scrollTop && line.offsetTop + line.offsetHeight <= scrollTop + clientHeight;
    if (!isVisible) box.current.scrollTop = line.offsetTop - clientHeight / 2;
  }, [target, first]);
  return (
    <section aria-labelledby="source">
      <h2 id="source">{words.source}</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached by the keyboard. */}
      <pre class="source" ref={box} tabIndex={0}>
        {lines.slice(first).map((code, index) => {
          const mark = marks.get(first + index);
          return (
            <code key={`${first + index} ${code}`} class={mark ? (mark.pids.length === 0 ? 'now one-of' : 'now') : ''}>
              <span class="number">{first + index + 1}</span>
              {code}
              {mark && (
                <span class="pids">
                  ◀ {[...mark.pids, ...mark.perhaps.map((pid) => `${pid}?`)].join(' ')}
                  {mark.pids.length === 0 && ` ${words.oneOf}`}
                </span>
              )}
              {'\n'}
            </code>
          );
        })}
      </pre>
    </section>
  );
}
