import { readFile } from 'node:fs/promises';
import { runAsWorker } from 'synckit';

runAsWorker(async (key) => JSON.parse(await readFile(new URL('./settings.json', import.meta.url), 'utf8'))[key]);
