import { html, type Markup } from '../../util/markup.js';
import { type Claim, documentOf, type List, type Verdict } from '../claims/claims.js';
import type { Comparison } from '../comparison.js';

const VERDICTS: readonly Verdict[] = ['holds', 'partly', 'does not hold', 'not measured'];

/** The document's lists, each sentence with what the numbers say of it. */
export function documentSection(comparison: Comparison): Markup {
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
