export { renderDot } from './dot.js';
export { type InspectOptions, inspect } from './inspect.js';
export type { DescriptionView, Holder, Inspection, ProcessView, SocketView } from './inspection.js';
export { findRunning, type RunningServer } from './running.js';
export { renderSvg } from './svg.js';
export { renderText } from './text.js';
