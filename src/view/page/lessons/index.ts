import { MANY_PROCESSES } from './many-processes.js';
import { ONE_PROCESS } from './one-process.js';
import { SHARING } from './sharing.js';
import type { LessonPage } from './step.js';

/** Beside the figure: the nine lessons, in their order. */
export const LESSON_PAGES: readonly LessonPage[] = [...ONE_PROCESS, ...MANY_PROCESSES, ...SHARING];
