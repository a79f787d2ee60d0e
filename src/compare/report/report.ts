import { html, Markup } from '../../util/markup.js';
import { type Claim, documentOf, type List, type Verdict } from '../claims/claims.js';
import type { Comparison } from '../comparison.js';
import { number } from './format.js';
import { rowSection } from './row.js';
import { STYLE } from './style.js';

const VERDICTS: readonly Verdict[] = ['holds', 'partly', 'does not hold', 'not measured'];
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

/** The document's lists, each sentence with what the numbers say of it. */
function documentSection(comparison: Comparison): Markup {
  const document = documentOf(comparison);
  if (document.length === 0) return html``;
  const verdicts = document.flatMap(({ topics }) =>
    topics.flatMap(({ claims }) => claims.map(({ evaluate }) => evaluate(comparison).verdict)),
  );
  const counts = VERDICTS.map(
    (verdict) => html`<li>${badge(verdict)} ${verdicts.filter((v) => v === verdict).length}</li>`,
  );
  return html`<section id="document" aria-labelledby="document-title">
<h2 id="document-title">What the document says</h2>
<p>Each sentence of the document’s lists of disadvantages, advantages and where prefork fits, and what the numbers
above say of it. What they say of prefork they say of the document’s own server, one client for each child; where
that speaks no HTTP, prefork start stands in.</p>
<ul class="counts">${counts}</ul>
${document.map((list) => listSection(list, comparison))}
</section>`;
}

function listSection({ id, japanese, english, topics }: List, comparison: Comparison): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title">${sentenceCase(english)} <span lang="ja">${japanese}</span></h3>
${topics.map(
  (topic) => html`<h4>${topic.english} <span lang="ja">${topic.japanese}</span></h4>
<ul class="sentences">${topic.claims.map((claim) => item(claim, comparison))}</ul>`,
)}
</section>`;
}

function item({ japanese, english, rows, evaluate }: Claim, comparison: Comparison): Markup {
  const { verdict, because } = evaluate(comparison);
  const compared = rows.flatMap((id) => comparison.rows.find((row) => row.id === id) ?? []);
  const links = compared.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`);
  return html`<li class="${kindOf(verdict)}">${badge(verdict)}
<p class="said">${english}</p>
<p class="said" lang="ja">${japanese}</p>
<p class="because">${sentenceCase(because)}.</p>
${links.length === 0 ? '' : html`<ul class="rows" aria-label="Rows">${links}</ul>`}</li>
`;
}

function badge(verdict: Verdict): Markup {
  return html`<span class="verdict ${kindOf(verdict)}">${verdict}</span>`;
}

/** The class of a verdict. */
function kindOf(verdict: Verdict): string {
  return verdict.replaceAll(' ', '-');
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
