import { renderToString } from 'preact-render-to-string';
import type { History } from '../history.js';
import type { Status } from '../status.js';
import { Heading, Numbers } from './view.js';

interface Files {
  readonly style: string;
  readonly script: string;
}

/** The page as its server makes it: `client.tsx` goes on from there. */
export function renderPage(status: Status, history: History, { style, script }: Files): string {
  const page = (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>{`${status.description.app} – prefork`}</title>
        <link rel="icon" href="data:," />
        <noscript>
          <meta http-equiv="refresh" content="1" />
        </noscript>
        <style dangerouslySetInnerHTML={{ __html: style }} />
      </head>
      <body>
        <p role="alert" hidden />
        <main>
          <Heading status={status} />
          <section class="numbers">
            <Numbers status={status} history={history} />
          </section>
        </main>
        <script type="module" dangerouslySetInnerHTML={{ __html: script }} />
      </body>
    </html>
  );
  return `<!doctype html>${renderToString(page)}\n`;
}
