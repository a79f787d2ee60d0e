import { html, Markup } from '../../util/markup.js';
import { documentOf } from '../claims/claims.js';
import type { Comparison } from '../comparison.js';
import { documentSection } from './claims.js';
import { number } from './format.js';
import { rowSection } from './row.js';
import { STYLE } from './style.js';

const TITLE = 'The same server five ways';

/** One page that needs nothing else: no script, no font, no request. */
export function renderReport(comparison: Comparison): string {
  const { date, models, rows } = comparison;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${TITLE}, ${date.slice(0, 10)} – prefork compare</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>
</head>
<body>
${heading(comparison)}
${contents(comparison)}
<main>
${modelsSection(comparison)}
${rows.map((row) => rowSection(row, models))}
${documentSection(comparison)}
<footer><p>Made by prefork compare${comparison.quick ? ' --quick' : ''}. It runs on any Linux machine with Node:
the numbers are those of this one on that day, what differs between the servers is not.</p></footer>
</main>
</body>
</html>
`.text;
}

function heading(comparison: Comparison): Markup {
  const { date, quick, rounds, machine, seconds } = comparison;
  const { cpu, cores, kernel, node, prefork, load } = machine;
  const facts = [
    ['date', html`<time datetime="${date}">${date.slice(0, 16).replace('T', ' ')} UTC</time>`],
    ['processor', `${cores} × ${cpu}`],
    ['software', `Linux ${kernel}, Node ${node}, prefork ${prefork}`],
    ['load', `${number(load[0])} before, ${number(load[1])} after`],
    [
      'took',
      `${number(seconds)} s${quick ? ', a quick comparison' : ''}, ${rounds === 1 ? 'one round' : `${rounds} rounds`} of what varies`,
    ],
  ] as const;
  return html`<header>
<h1>${TITLE}</h1>
<p>A line-echo server and a small HTTP service, each served by forked processes, by node:cluster and by one event
loop, one after another on one machine: what differs.</p>
<dl>${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>\n`)}</dl>
</header>`;
}

function contents(comparison: Comparison): Markup {
  const document = documentOf(comparison);
  const entry = (id: string, title: string) => html`<li><a href="#${id}">${title}</a></li>\n`;
  return html`<nav aria-label="Contents">
<h2>Contents</h2>
<ol>
${entry('models', 'What is compared')}
${comparison.rows.map(({ id, title }) => entry(id, title))}
${
  document.length === 0
    ? ''
    : html`<li><a href="#document">What the document says</a>
<ol>${document.map(({ id, english }) => entry(id, english.split(':')[0] ?? english))}</ol></li>`
}
</ol>
</nav>`;
}

function modelsSection({ models }: Comparison): Markup {
  return html`<section id="models" aria-labelledby="models-title">
<h2 id="models-title">What is compared</h2>
<dl class="models">${models.map(
    ({ id, name, sentence }) => html`<div class="model-${id}"><dt>${name}</dt><dd>${sentence}</dd></div>\n`,
  )}</dl>
</section>`;
}
