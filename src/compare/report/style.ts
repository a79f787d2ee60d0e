/** The look of plots, wherever they stand: with colours for text and lines. */
export const PLOT_STYLE = `svg { color: var(--soft); font: 11.5px var(--sans); font-variant-numeric: tabular-nums; }
svg [aria-label$=grid] { stroke: var(--grid); stroke-opacity: 1; }
svg [aria-label=tick], svg [aria-label=rule]:not([stroke-dasharray]) { stroke: var(--ink); stroke-width: 1.5; }
`;

/** The look: a page to read, with data in a sans serif; dark where the reader likes it, narrow on a phone. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #fcfbf8; --rule: #d8d4c8; --grid: #e4e1d7; --ink: #22201c; --soft: #5c584f;
  --link: #7a3b12; --holds: #1c6b35; --partly: #805400; --fails: #a8231b;
  --prefork: #b1410d; --start: #8a2d74; --cluster: #1f5fa6; --cluster-none: #0d6b66; --event-loop: #5d6066;
  --serif: Charter, "Bitstream Charter", "Iowan Old Style", "Sitka Text", Cambria, Georgia, serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", Arial, sans-serif;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #17171a; --rule: #3b3a3d; --grid: #2d2d31; --ink: #e9e6df; --soft: #aaa69c;
    --link: #f0ae7e; --holds: #74c98c; --partly: #e2b457; --fails: #ff9187;
    --prefork: #ff9c64; --start: #e499d2; --cluster: #80b5f3; --cluster-none: #5fcabf; --event-loop: #b4b8bf;
  }
}
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 54rem;
  background: var(--paper); color: var(--ink); font: 1.0625rem/1.5 var(--serif); overflow-wrap: break-word;
}
h1, h2, h3, h4 { margin: 0; line-height: 1.2; font-weight: 600; text-wrap: balance; }
h1 { font-size: 2.125rem; letter-spacing: -0.01em; }
h2 { font-size: 1.4375rem; }
h3 { font-size: 1.1875rem; margin-top: 2rem; }
h4 { font-size: 1rem; margin-top: 1.5rem; }
p, dl, dd, ol, ul, figure { margin: 0; padding: 0; }
a { color: var(--link); text-underline-offset: 0.15em; }
header p { margin-top: 0.75rem; max-width: 36rem; font-size: 1.1875rem; color: var(--soft); }
header dl { margin-top: 1.25rem; font: 0.875rem/1.45 var(--sans); }
header dl div, .models div { display: flex; gap: 1rem; padding: 0.2rem 0; }
header dt { flex: 0 0 5.5rem; color: var(--soft); }
header dd { min-width: 0; }
main > section { margin-top: 3rem; padding-top: 1.25rem; border-top: 1px solid var(--rule); }
.models { margin-top: 0.75rem; }
.models dt { flex: 0 0 7.5rem; font: 600 0.9375rem/1.6 var(--sans); color: var(--model); }

nav { margin-top: 2rem; font: 0.875rem/1.35 var(--sans); }
nav h2 { font: 600 0.875rem/1.35 var(--sans); color: var(--soft); }
nav ol { list-style: none; }
nav ol ol { padding-left: 1rem; }
nav li { padding: 0.2rem 0; break-inside: avoid; }
nav a { color: var(--ink); text-decoration: none; }
nav a:hover { color: var(--link); text-decoration: underline; }
nav > ol { margin-top: 0.25rem; columns: 17rem; column-gap: 2rem; }

table { width: 100%; margin-top: 0.75rem; border-collapse: collapse; font: 0.875rem/1.4 var(--sans); font-variant-numeric: tabular-nums; }
caption { padding-bottom: 0.5rem; text-align: left; color: var(--soft); font-size: 0.8125rem; }
th, td { padding: 0.4rem 0 0.4rem 1rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--grid); }
th:first-child, td:first-child { padding-left: 0; }
thead th { color: var(--soft); font-weight: 400; vertical-align: bottom; border-bottom-color: var(--rule); }
thead th:first-child, tbody th, .text { text-align: left; }
thead th { min-width: 5.5rem; }
thead small { white-space: nowrap; }
thead th:first-child { min-width: 7.5rem; }
tbody th { font-weight: 600; white-space: nowrap; }
tr[class] > th { color: var(--model); }
td > span { white-space: nowrap; }
small { display: block; color: var(--soft); font-size: 0.8125rem; font-weight: 400; }
td.text, .missing, .remark, dd, li { overflow-wrap: anywhere; }
.missing { color: var(--soft); font-style: italic; }
.words th:first-child { width: 8rem; }
.words thead th:not(.text, :first-child) { width: 1%; }
.numbers { width: auto; min-width: min(32rem, 100%); }
td.missing { text-wrap: balance; }
.unseen { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
.remark { margin-top: 0.5rem; font: 0.8125rem/1.4 var(--sans); color: var(--soft); }
.how { margin-top: 1rem; color: var(--soft); font-size: 0.9375rem; }
code { font: 0.875em ui-monospace, Menlo, Consolas, "Liberation Mono", monospace; overflow-wrap: anywhere; }
.how b { font-weight: 600; }
details { margin-top: 0.75rem; font: 0.875rem/1.4 var(--sans); }
summary { color: var(--link); cursor: pointer; }
.scroll, .fit { overflow-x: auto; }
.scroll th + th { font-weight: 400; text-align: left; }

.model-prefork { --model: var(--prefork); }
.model-start { --model: var(--start); }
.model-cluster { --model: var(--cluster); }
.model-cluster-none { --model: var(--cluster-none); }
.model-event-loop { --model: var(--event-loop); }
figure { min-width: 0; }
figure.wide { max-width: 30rem; margin-top: 1.25rem; }
.wides { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(21rem, 100%), 1fr)); gap: 0 2rem; }
.panels { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 1.25rem 1.5rem; margin-top: 1.25rem; }
.panels figure { max-width: 20rem; }
.panels .missing {
  display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 5; overflow: hidden;
  margin-top: 0.25rem; font: italic 0.875rem/1.4 var(--sans);
}
figcaption { padding-bottom: 0.25rem; font: 600 0.875rem/1.4 var(--sans); color: var(--model, var(--ink)); }
svg { display: block; width: 100%; height: auto; overflow: visible; }
${PLOT_STYLE}
.counts { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; margin-top: 1rem; list-style: none; font: 0.9375rem/1.4 var(--sans); font-variant-numeric: tabular-nums; }
#document > p { margin-top: 0.75rem; }
[lang=ja] { color: var(--soft); font-size: 0.875em; font-weight: 400; }
h3 [lang=ja], h4 [lang=ja] { display: inline-block; margin-left: 0.5em; max-width: calc(100% - 0.5em); }
.verdict { color: var(--verdict); font: 600 0.875rem/1.5 var(--sans); white-space: nowrap; }
.holds { --verdict: var(--holds); }
.partly { --verdict: var(--partly); }
.does-not-hold { --verdict: var(--fails); }
.not-measured { --verdict: var(--soft); }
.sentences { list-style: none; }
.sentences > li { margin-top: 0.75rem; padding-left: 0.875rem; border-left: 3px solid var(--verdict); }
.because { margin-top: 0.25rem; font: 0.875rem/1.45 var(--sans); color: var(--soft); }
.rows { display: flex; flex-wrap: wrap; gap: 0 1.25rem; list-style: none; font: 0.875rem/1.45 var(--sans); }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--rule); color: var(--soft); font-size: 0.9375rem; }
:target { scroll-margin-top: 1rem; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }

@media (min-width: 72rem) {
  body {
    display: grid; grid: "nav header" auto "nav main" auto / 14.5rem minmax(0, 50rem);
    column-gap: 3.5rem; max-width: 72rem; padding-top: 3rem;
  }
  header { grid-area: header; }
  main { grid-area: main; }
  nav { grid-area: nav; position: sticky; top: 2rem; align-self: start; max-height: calc(100vh - 4rem); overflow-y: auto; margin: 0; }
  nav > ol { columns: auto; }
}
@media (min-width: 40rem) {
  .numbers :is(th, td) + :is(th, td) { padding-left: 1.75rem; }
  .numbers:has(th:nth-child(6)) :is(th, td) + :is(th, td) { padding-left: 1rem; }
  .sentences > li { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); column-gap: 1rem; }
  .sentences > li > * { grid-column: 2; }
  .sentences .verdict { grid-column: 1; }
}
@media print, (min-width: 40rem) and (max-width: 54rem) {
  .numbers:has(th:nth-child(6)) :is(th, td, small) { min-width: 0; font-size: 0.6875rem; }
}
@media (max-width: 40rem) {
  h1 { font-size: 1.75rem; }
  .models div { display: block; }
  .fit table thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .fit table, .fit table tbody, .fit table tr, .fit table caption { display: block; }
  .fit table tr { padding: 0.5rem 0; border-bottom: 1px solid var(--grid); }
  .fit table tbody :is(th, td) { display: block; width: auto; padding: 0.1rem 0; border: 0; text-align: left; }
  .fit table td[data-label] { display: grid; grid-template-columns: minmax(6rem, 1fr) fit-content(70%); gap: 0 1rem; }
  .fit table td[data-label] > span, .fit table td[data-label].missing { text-align: right; }
  .fit table td[data-label]::before { content: attr(data-label); color: var(--soft); }
  .fit table td[data-label] small { grid-column: 2; text-align: right; }
}
@media print {
  :root { color-scheme: light; }
  body { display: block; max-width: none; padding: 0; font-size: 10.5pt; }
  nav { display: none; }
  .fit { overflow: visible; }
  main > section { break-inside: avoid-page; }
  #document { break-inside: auto; }
  figure, tr, .sentences > li { break-inside: avoid; }
}
`;
