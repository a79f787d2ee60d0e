export { compare } from './compare.js';
export { FULL, QUICK } from './effort.js';
export { renderReport } from './report/report.js';
export { renderText } from './report/text.js';
export { SCENES } from './scenes.js';
