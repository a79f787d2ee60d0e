/** The page's look: as wide as there is room, rows as cards on a phone, dark where the reader likes it. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --surface: #fff; --line: #d9dde3; --text: #1c2024; --soft: #5a6472;
  --ready: #177a3d; --booting: #8a5a00; --draining: #59636f; --bad: #b3261e; --mark: #6a3fb5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #111418; --surface: #1a1f25; --line: #313842; --text: #e8ebef; --soft: #a2acb9;
    --ready: #5ccb85; --booting: #e8b44c; --draining: #a2acb9; --bad: #ff8a80; --mark: #c3a6ff;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 80rem;
  background: var(--ground); color: var(--text);
  font: 0.9375rem/1.4 system-ui, sans-serif; font-variant-numeric: tabular-nums;
}
main { display: grid; gap: 1rem; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1rem; }
h1 { margin: 0; font-size: 1.25rem; overflow-wrap: anywhere; }
p, ul, dl, dd { margin: 0; padding: 0; }
.ready { --state: var(--ready); }
.booting { --state: var(--booting); }
.draining { --state: var(--draining); }
.good, .bad { padding: 0.125rem 0.75rem; border: 1px solid; border-radius: 1rem; font-weight: 600; }
.good { color: var(--ready); }
.bad, .late, .reload, [role=alert] { color: var(--bad); }
.reload { flex-basis: 100%; overflow-wrap: anywhere; }
[role=alert] { margin-bottom: 1rem; padding: 0.5rem 1rem; border: 1px solid; border-radius: 0.5rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.5rem; }
.tiles div { padding: 0.5rem 0.75rem; background: var(--surface); border: 1px solid var(--line); border-radius: 0.5rem; }
dt { color: var(--soft); font-size: 0.8125rem; }
.tiles dd { font-size: 1.25rem; font-weight: 600; }
.pool { display: flex; flex-wrap: wrap; gap: 0.25rem; list-style: none; }
.pool li {
  min-width: 2rem; padding: 0.25rem; text-align: center; font-size: 0.8125rem;
  border: 2px solid var(--state); border-radius: 0.25rem;
  background: linear-gradient(to top, color-mix(in srgb, var(--state) 40%, var(--surface)) var(--busy), var(--surface) 0);
}
.pool .booting, .pool .draining { border-style: dashed; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1rem; margin-top: 0.5rem; }
.pool + .legend span, .word span:not(.bar) { color: var(--state); font-weight: 600; }
table { width: 100%; border-collapse: collapse; background: var(--surface); border: 1px solid var(--line); }
th, td { padding: 0.375rem 0.5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-size: 0.8125rem; font-weight: 400; white-space: normal; }
.word { text-align: left; }
.bar {
  display: inline-block; min-width: 4.5rem; padding: 0 0.375rem; border: 1px solid var(--line); border-radius: 0.25rem;
  background: linear-gradient(to right, color-mix(in srgb, var(--ready) 35%, transparent) var(--busy), transparent 0);
}
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(13.5rem, 100%), 1fr)); gap: 0.5rem; }
.plots figure {
  margin: 0; padding: 0.5rem 0.75rem; min-width: 0;
  background: var(--surface); border: 1px solid var(--line); border-radius: 0.5rem;
}
.plots figcaption { display: flex; justify-content: space-between; gap: 0.5rem; color: var(--soft); font-size: 0.8125rem; }
.plots b { color: var(--text); }
.plots svg { display: block; width: 100%; height: 4rem; margin: 0.25rem 0; overflow: visible; }
.plots path, .plots line { fill: none; stroke-width: 1.5px; vector-effect: non-scaling-stroke; }
.plots path { stroke: var(--ready); stroke-linejoin: round; stroke-linecap: round; }
.plots line { stroke: var(--mark); }
.plots .base { stroke: var(--line); }
.plots .died, .plots .failed { stroke: var(--bad); }
.plots .begins { stroke-dasharray: 3 3; }
.plots .axis { display: flex; justify-content: space-between; color: var(--soft); font-size: 0.75rem; }
.history p, .history ol { margin: 0.5rem 0 0; overflow-wrap: anywhere; }
.history ol { padding: 0; list-style: none; }
.history .legend i { display: inline-block; height: 1em; border-left: 2px solid var(--mark); vertical-align: text-bottom; }
.history .legend .died, .history .legend .failed { border-color: var(--bad); }
.history .legend .begins { border-left-style: dashed; }
.history time { color: var(--soft); }
.history details { margin-top: 0.5rem; }
.history summary { cursor: pointer; }
.details div { display: flex; gap: 0.75rem; padding: 0.125rem 0; }
.details dt { flex: 0 0 7.5rem; font-size: inherit; }
.details dd { min-width: 0; overflow-wrap: anywhere; }
@media (max-width: 56rem) {
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody { display: grid; gap: 0.5rem; border: 0; background: none; }
  tbody { grid-template-columns: repeat(auto-fill, minmax(min(19rem, 100%), 1fr)); }
  tr {
    display: grid; grid-template-columns: repeat(3, 1fr); gap: 0.375rem 0.75rem; padding: 0.5rem 0.75rem;
    background: var(--surface); border: 1px solid var(--line); border-radius: 0.5rem;
  }
  td { padding: 0; border: 0; text-align: left; }
  td::before { content: attr(data-name); display: block; color: var(--soft); font-size: 0.75rem; }
}
`;
