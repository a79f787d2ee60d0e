export { compare } from './compare.js';
export { FULL, QUICK } from './effort.js';
export { renderReport } from './report/report.js';
export { SCENES } from './scenes.js';
export { renderText } from './text.js';
