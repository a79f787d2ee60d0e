import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { packageFile } from '../util/package-files.js';
import type { History } from './history.js';
import type { Status } from './status.js';

// The page is bundled when prefork is built: what renders it, its script and its style sheet, none of which needs a package.
const PAGE = packageFile('dist/status/page');
const { renderPage } = createRequire(import.meta.url)(join(PAGE, 'render.cjs')) as {
  readonly renderPage: (seen: Status, history: History, files: Record<'style' | 'script', string>) => string;
};
const [style, script] = ['page.css', 'page.js'].map((name) => readFileSync(join(PAGE, name), 'utf8')) as [
  string,
  string,
];

/** One page that needs nothing else, and keeps itself current; without scripts it loads itself anew. */
export function renderHtml(status: Status, history: History): string {
  return renderPage(status, history, { style, script });
}

/** What the page may load: nothing but what it holds and the server that it is from. */
export function contentSecurityPolicy(): string {
  const hash = createHash('sha256').update(script).digest('base64');
  const rules = ["style-src 'unsafe-inline'", `script-src 'sha256-${hash}'`, "connect-src 'self'", 'img-src data:'];
  return ["default-src 'none'", ...rules, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join('; ');
}
