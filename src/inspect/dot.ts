import type { Inspection } from './inspection.js';
import { pictureOf } from './picture.js';
import type { ShowOptions } from './text.js';

const STYLES = { shared: 'style=bold', channel: 'style=dashed' } as const;

/** The picture in the language of Graphviz: `dot -Tsvg`. */
export function renderDot(inspection: Inspection, options?: ShowOptions): string {
  const { processes, descriptions, objects, notes } = pictureOf(inspection, options);
  const lines = [
    'digraph descriptors {',
    '  rankdir=LR; ranksep=1.5; fontname="sans-serif"; fontsize=11; node [shape=box, fontname="sans-serif", fontsize=11];',
    ...(notes.length === 0 ? [] : [`  label=${quoted(notes.join('\n'))};`]),
    ...processes.map(({ pid, title, descriptors }) => {
      // A record's braces turn its direction: the descriptors stand in a column beside the process.
      const ports = descriptors.map(({ fd }) => `<fd${fd}> ${fd}`).join(' | ');
      return `  p${pid} [shape=record, label="{ ${escaped(`${pid}\n${title}`, true)} | { ${ports} } }"];`;
    }),
    ...descriptions.map(
      ({ flags, mark }, place) =>
        `  d${place} [label=${quoted(flags || 'open file description')}${mark === undefined ? '' : `, ${STYLES[mark]}`}];`,
    ),
    ...objects.map(
      ({ label, more }, place) =>
        `  o${place} [shape=ellipse, label=${quoted([label, more].filter(Boolean).join('\n'))}];`,
    ),
    ...processes.flatMap(({ pid, descriptors }) =>
      descriptors.map(({ fd, description }) => `  p${pid}:fd${fd}:e -> d${description}:w;`),
    ),
    ...descriptions.map(({ object }, place) => `  d${place}:e -> o${object}:w;`),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}

/** Within a string of the language. In a record, some characters more mean something. */
function escaped(text: string, inRecord = false): string {
  const plain = text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
  return inRecord ? plain.replace(/[{}|<>]/g, '\\$&') : plain;
}
