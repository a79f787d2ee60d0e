import { useRef } from 'preact/hooks';
import type { Language } from '../messages.js';
import type { Moment, Step } from './lessons/step.js';
import type { Words } from './words.js';

interface StepsProps {
  readonly steps: readonly Step[];
  readonly moment: Moment;
  readonly language: Language;
  readonly words: Words;
}

/** Steps that see for themselves, one after the other, whether they have been done. */
export function Steps({ steps, moment, language, words }: StepsProps) {
  const done = useRef(0);
  while (steps[done.current]?.isDone(moment)) done.current++;
  return (
    <ol class="tries">
      {steps.map((step, index) => (
        <li
          key={step.en}
          class={index < done.current ? 'done' : ''}
          aria-current={index === done.current ? 'step' : undefined}
        >
          {step[language]} {index < done.current && <strong>✓ {words.done}</strong>}
        </li>
      ))}
    </ol>
  );
}
