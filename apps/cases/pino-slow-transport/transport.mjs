// Needs a while to open, and for every line.
import { appendFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import build from 'pino-abstract-transport';

export default async function ({ destination }) {
  await sleep(1_000);
  return build(async (source) => {
    for await (const { msg } of source) {
      await sleep(20);
      appendFileSync(destination, `${msg}\n`);
    }
  });
}
