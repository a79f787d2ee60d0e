// What is written while an app runs, and whether it is right.

/** The warnings that Node itself wrote. */
export function warningsOf(lines) {
  return lines.flatMap((line) => /^\(node:\d+\) (.*)/.exec(line)?.[1] ?? []);
}

/**
 * Throws when prefork's log has a warning or an error that is not allowed, or Node warns of what it does not under
 * plain node.
 * @param {((event: object) => boolean)[]} allowed
 * @param {string[]} warnings of Node, under plain node
 */
export function accuses(app, allowed, warnings) {
  const isAllowed = (event) => allowed.some((allows) => allows(event));
  const wrong = app.events.filter((event) => event.level !== 'info' && !isAllowed(event)).map(({ message }) => message);
  const more = warningsOf(app.appLines).filter((warning) => !warnings.includes(warning));
  if (wrong.length + more.length > 0) throw new Error([...wrong, ...new Set(more)].join('\n'));
}
