/**
 * import(). A program that program.cts loads is a script of node:vm, which cannot call it without a warning.
 * @param url absolute: a relative one would be looked for beside this file
 */
function importModule(url: string): Promise<unknown> {
  return import(url);
}

export = importModule;
