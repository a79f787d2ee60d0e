import type { History } from '../history.js';
import type { Status } from '../status.js';
import { renderView } from './view.js';

// What of the browser is used here; the rest of prefork knows no DOM.
interface PageNode {
  readonly nodeName: string;
  readonly nodeType: number;
  nodeValue: string | null;
  readonly childNodes: ArrayLike<PageNode>;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
  hidden: boolean;
  textContent: string | null;
  innerHTML: string;
  readonly content: PageNode;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  appendChild(node: PageNode): void;
  replaceWith(node: PageNode): void;
  remove(): void;
}
declare const document: {
  readonly hidden: boolean;
  querySelector(selector: string): PageNode;
  createElement(name: 'template'): PageNode;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
};

const INTERVAL = 1000;

/** Keeps the page current: in the browser only. */
export async function keepCurrent(): Promise<void> {
  const main = document.querySelector('main');
  const alert = document.querySelector('[role=alert]');
  let earlier: Status | undefined;
  let history: History | undefined;
  for (;;) {
    try {
      const status = await load<Status>('status.json');
      if (history === undefined || hasMore(history, status)) history = await load<History>('history.json');
      update(main, renderView(status, history, earlier).text);
      earlier = status;
      alert.hidden = true;
    } catch (error) {
      alert.textContent = `No answer from the server: ${(error as Error).message}`;
      alert.hidden = false;
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL));
    if (document.hidden) await shown();
  }
}

/** A point is due; whichever way the clock was set. */
function hasMore({ interval, points }: History, { time }: Status): boolean {
  return Math.abs(time - (points.at(-1)?.time ?? 0)) >= interval;
}

async function load<T>(path: string): Promise<T> {
  const response = await fetch(path, { signal: AbortSignal.timeout(5 * INTERVAL) });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

function shown(): Promise<void> {
  return new Promise((resolve) => {
    document.addEventListener('visibilitychange', resolve);
  });
}

function update(element: PageNode, markup: string): void {
  const template = document.createElement('template');
  template.innerHTML = markup;
  morphChildren(element, template.content);
}

/** Changes only what differs, so that a selection, the focus and the place scrolled to stay. */
function morph(from: PageNode, to: PageNode): void {
  if (from.nodeName !== to.nodeName) {
    from.replaceWith(to);
    return;
  }
  if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue;
  for (const { name } of [...(from.attributes ?? [])]) {
    if (name !== 'open' && to.getAttribute(name) === null) from.removeAttribute(name); // Readers open details.
  }
  for (const { name, value } of to.attributes ?? []) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  morphChildren(from, to);
}

function morphChildren(from: PageNode, to: PageNode): void {
  const old = Array.from(from.childNodes);
  for (const [index, node] of Array.from(to.childNodes).entries()) {
    const there = old[index];
    if (there === undefined) from.appendChild(node);
    else morph(there, node);
  }
  for (const node of old.slice(to.childNodes.length)) node.remove();
}
