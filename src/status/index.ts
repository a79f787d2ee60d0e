export { type Memory, memoryOf, type Usage } from '../proc/usage.js';
export { renderJson } from './json.js';
export { type Outline, outline, renderOutline } from './outline.js';
export { renderHtml } from './page/html.js';
export { renderPrometheus } from './prometheus.js';
export { type StatusServer, type StatusServerOptions, StatusSource, serveStatus, serveStatusFrom } from './server.js';
export { collect, type ProcessStatus, type Status, type WorkerStatus } from './status.js';
export { renderText } from './text.js';
