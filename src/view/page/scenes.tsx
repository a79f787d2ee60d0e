import { type About, type Act, type Language, MODELS, type Scene } from '../messages.js';
import type { Words } from './words.js';

interface ScenesProps {
  readonly about: About;
  readonly scene: Scene;
  readonly language: Language;
  readonly words: Words;
  readonly act: (act: Act) => void;
}

/** Chooses what is shown: the finished server, alone or beside another, or a lesson. */
export function Scenes({ about, scene, language, words, act }: ScenesProps) {
  const choose = (value: string) => {
    const [show = '', which = ''] = value.split(' ');
    if (show === 'lesson') act({ act: 'scene', scene: { show, lesson: Number(which), language } });
    if (show === 'alone')
      act({ act: 'scene', scene: { show: 'echo', models: MODELS.filter((model) => model === which) } });
    const beside = MODELS.filter((model) => model === which);
    if (show === 'echo') act({ act: 'scene', scene: { show, models: ['prefork', ...beside] } });
  };
  return (
    <select
      aria-label={words.scene}
      value={optionOf(scene)}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      <option value="echo">{words.server}</option>
      <option value="alone start">{words.alone(words.models.start)}</option>
      {MODELS.slice(1).map((model) => (
        <option key={model} value={`echo ${model}`}>
          {words.beside(words.models[model])}
        </option>
      ))}
      <optgroup label={words.lessons}>
        {about.lessons.map((title, index) => (
          <option key={title.en} value={`lesson ${index + 1}`}>
            {words.lesson(index + 1, title[language])}
          </option>
        ))}
      </optgroup>
    </select>
  );
}

function optionOf(scene: Scene): string {
  if (scene.show === 'lesson') return `lesson ${scene.lesson}`;
  if (scene.show !== 'echo' || (scene.models.length === 1 && scene.models[0] === 'prefork')) return 'echo';
  return scene.models[1] === undefined ? `alone ${scene.models[0]}` : `echo ${scene.models[1]}`;
}
