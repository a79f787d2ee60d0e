export { compare } from './compare.js';
export { exitOnSignals } from './program.js';
export { renderReport } from './report/report.js';
export { renderText } from './report/text.js';
export { FULL, QUICK } from './scenario.js';
export { SCENARIOS } from './scenarios/index.js';
