import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Drawing } from '../../figure/page/drawing.js';
import type { About, Act, Language } from '../messages.js';
import { Clients } from './clients.js';
import { coloursOf } from './colours.js';
import { timeOf, useFeed } from './feed.js';
import { Lesson } from './lesson.js';
import { SERVER_STEPS } from './lessons/server.js';
import { Scenes } from './scenes.js';
import { Actable } from './sentences.js';
import { Steps } from './steps.js';
import { Strip } from './strip.js';
import { WORDS } from './words.js';

const first: Language = navigator.language.startsWith('ja') ? 'ja' : 'en';

function Page({ about }: { readonly about: About }) {
  const [language, setLanguage] = useState<Language>(first);
  const { frames, clients, stage, terminal, lost } = useFeed(about);
  const [problem, setProblem] = useState('');
  /** Which frame is shown; undefined for the newest. */
  const [pinned, setPinned] = useState<number | undefined>(about.mode === 'replay' ? 0 : undefined);
  const [playing, setPlaying] = useState(false);
  const words = WORDS[language];
  const at = Math.min(pinned ?? frames.length - 1, frames.length - 1);
  const figures = frames[at] ?? [];
  const scene = stage?.scene;
  const run = stage?.run;

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `${words.title} – prefork`;
  }, [language, words]);
  useEffect(() => {
    if (run !== undefined) setPinned(undefined);
  }, [run]);
  useEffect(() => {
    if (!playing || pinned === undefined) return;
    const [now, next] = [frames[pinned], frames[pinned + 1]];
    if (now === undefined || next === undefined) {
      setPlaying(false);
      return;
    }
    const timer = setTimeout(() => setPinned(pinned + 1), timeOf(next) - timeOf(now));
    return () => clearTimeout(timer);
  }, [playing, pinned, frames]);

  // The command line has asked for a lesson: its program speaks the language of the locale, and the page the browser's.
  const asked = run === 1 && scene?.show === 'lesson' && scene.language !== first ? scene : undefined;
  useEffect(() => {
    if (asked !== undefined) act({ act: 'scene', scene: { ...asked, language: first } });
  }, [asked]);

  const act = async (what: Act) => {
    try {
      const answer = await fetch('act', { method: 'POST', body: JSON.stringify(what) });
      setProblem(answer.ok ? '' : await answer.text());
    } catch (error) {
      setProblem(words.notDone(`${error}`));
    }
  };
  const live = about.mode === 'live' && pinned === undefined;
  const acts = live && scene !== undefined && scene.show !== 'others';
  const colours = coloursOf(clients);
  const models = scene?.show === 'echo' && scene.models.length > 1 ? scene.models : [];
  const hasEnded = figures.length > 0 && figures.some(({ processes }) => processes.length === 0);
  return (
    <main class={scene?.show === 'lesson' ? 'with-lesson' : models.length > 1 ? 'with-panes' : ''}>
      <header>
        <h1>{words.title}</h1>
        {about.mode === 'replay' && <span class="badge">{words.replay}</span>}
        {about.lessons.length > 0 && scene && <Scenes {...{ about, scene, language, words, act }} />}
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
      {stage && scene?.show === 'lesson' && terminal && asked === undefined && (
        <Lesson key={stage.run} {...{ about, stage, scene, terminal, frames, clients, language, words, act }} />
      )}
      <div class="stage">
        {hasEnded && scene?.show !== 'lesson' && (
          <p class="gone">
            {words.gone}{' '}
            {acts && (
              <button type="button" onClick={() => act({ act: 'start' })}>
                {words.start}
              </button>
            )}
          </p>
        )}
        <div class={figures.length > 1 ? 'panes' : ''}>
          {figures.map((figure, pane) => (
            <div class="pane" key={pane}>
              {models[pane] && <h2>{words.models[models[pane]]}</h2>}
              {figure.processes.length > 0 && <Drawing {...{ figure, words, colours }} />}
              {figure.notes.map((note) => (
                <p key={note} class="note">
                  {note}
                </p>
              ))}
            </div>
          ))}
        </div>
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
            <output>{figures[0] && new Date(figures[0].time).toLocaleTimeString(language)}</output>
          </div>
          <Strip {...{ frames, at, words, colours }} />
        </section>
        <div class="panels">
          {about.mode === 'live' && <Clients {...{ clients, figures, words, act, colours }} />}
          {figures.length > 0 && <Actable {...{ figures, words, act, acts }} />}
          {scene?.show === 'echo' && scene.models[0] === 'prefork' && (
            <section aria-labelledby="tries">
              <h2 id="tries">{words.tries}</h2>
              <Steps key={run} steps={SERVER_STEPS} moment={{ frames, clients }} {...{ language, words }} />
            </section>
          )}
        </div>
      </div>
    </main>
  );
}

const about: About = await (await fetch('about')).json();
render(<Page about={about} />, document.body);
