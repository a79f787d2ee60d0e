import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

const FOLDER = resolve(import.meta.dirname, '../cases');

/**
 * A case is a folder with an app, written as its packages' own documentation has it, and a case.mjs that says how it
 * is started, what is asked, and what is expected:
 *
 * @typedef {object} Case
 * @property {string} [title] for the report
 * @property {string} group the report's heading
 * @property {string[]} packages the npm packages that it is about
 * @property {string[]} [servers] of servers/index.mjs
 * @property {string[]} [nodeArgs] flags of Node
 * @property {string} [script] default: app.mjs
 * @property {string[]} [args] the script's arguments; $PORT stands for the port
 * @property {object} [env] variables, besides PORT, DATA (an empty folder) and those of the servers
 * @property {(client) => Promise<unknown>} [ask] one round of questions; the answers must be the same each time and
 *   contain the process id. Default: GET /
 * @property {RegExp[]} [allowed] warnings in prefork's log that are right
 * @property {(place) => Promise<void>} [setup] compiles or builds, once, in a copy of the folder
 * @property {boolean} [setupPerNode] once for each Node
 * @property {boolean} [quick] part of --quick
 * @property {Expectation | ((major: number) => Expectation)} [expected] on a major version of Node; see
 *   expectation.mjs. Default: it runs unmodified
 * @property {{ text: string, variant: object }} [remedy] what to do where it does not run unmodified; variant: the
 *   properties of the case that differ then
 */

/** @returns {Promise<(Case & { name: string, folder: string })[]>} */
export async function readCases() {
  const names = readdirSync(FOLDER).filter((name) => existsSync(join(FOLDER, name, 'case.mjs')));
  return Promise.all(
    names.sort().map(async (name) => {
      const folder = join(FOLDER, name);
      const { default: testCase } = await import(join(folder, 'case.mjs'));
      return { name, folder, ...testCase };
    }),
  );
}
