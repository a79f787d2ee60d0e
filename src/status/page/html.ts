import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { html, Markup } from '../../util/markup.js';
import type { History } from '../history.js';
import type { Status } from '../status.js';
import { STYLE } from './style.js';
import { renderView } from './view.js';

const MODULES = [
  ...['status/figures.js', 'util/markup.js', 'status/page/plot.js', 'status/page/plots.js'],
  ...['status/page/view.js', 'status/page/client.js'],
];

let script: string | undefined;

/** One page that needs nothing else, and keeps itself current; without scripts it loads itself anew. */
export function renderHtml(status: Status, history: History): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${status.description.app} – prefork</title>
<link rel="icon" href="data:,">
<noscript><meta http-equiv="refresh" content="1"></noscript>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<p role="alert" hidden></p>
<main>${renderView(status, history)}</main>
<script type="module">${new Markup(pageScript())}</script>
</body>
</html>
`.text;
}

/** What the page may load: nothing but what it holds and the server that it is from. */
export function contentSecurityPolicy(): string {
  const hash = createHash('sha256').update(pageScript()).digest('base64');
  const rules = ["style-src 'unsafe-inline'", `script-src 'sha256-${hash}'`, "connect-src 'self'", 'img-src data:'];
  return ["default-src 'none'", ...rules, "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"].join('; ');
}

/** The built modules that render the view, joined into one: the page and the server share them. */
function pageScript(): string {
  script ??= `${MODULES.map(built).join('')}keepCurrent();\n`;
  return script;
}

function built(module: string): string {
  const source = readFileSync(join(import.meta.dirname, '../../../dist', module), 'utf8');
  return source.replace(/^import [^;]*;\n/gm, '').replace(/^\/\/# sourceMappingURL.*\n?/gm, '');
}
