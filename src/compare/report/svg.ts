// scripts/bundle.mjs builds these packages into one file of their own, so that no user installs them.
import { type PlotOptions, plot } from '@observablehq/plot';
import { DOMImplementation, XMLSerializer } from '@xmldom/xmldom';

export { barX, barY, dot, line, link, type PlotOptions, ruleX, ruleY, text, textY, tickX } from '@observablehq/plot';

/** The plot as SVG without a style sheet, which a screen reader reads as a picture with this label. */
export function svgOf(label: string, options: PlotOptions): string {
  const document = new DOMImplementation().createDocument('http://www.w3.org/1999/xhtml', 'html', null);
  const svg = plot({ ...options, document, ariaLabel: label });
  svg.setAttribute('role', 'img');
  svg.removeChild(svg.firstChild);
  return new XMLSerializer().serializeToString(svg);
}
