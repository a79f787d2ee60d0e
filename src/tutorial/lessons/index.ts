import * as socketIsAFile from './1-socket-is-a-file.js';
import * as accept from './2-accept.js';
import * as readLines from './3-read-lines.js';
import * as oneAtATime from './4-one-at-a-time.js';
import * as fork from './5-fork.js';
import * as acceptInChildren from './6-accept-in-children.js';
import * as preforkServer from './7-prefork-server.js';
import * as openFileDescription from './8-open-file-description.js';
import * as parentDiesFirst from './9-parent-dies-first.js';
import type { Lesson } from './lesson.js';

/** The document's road to a prefork server, step by step. */
export const LESSONS: readonly Lesson[] = [
  socketIsAFile,
  accept,
  readLines,
  oneAtATime,
  fork,
  acceptInChildren,
  preforkServer,
  openFileDescription,
  parentDiesFirst,
];
