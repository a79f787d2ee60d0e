/**
 * Answers as text that can be compared: ids of the processes that gave them are left out.
 * @param {unknown} answers what a case's `ask` returned
 * @param {readonly number[]} pids of all processes that may have answered
 */
export function withoutPids(answers, pids) {
  const text = typeof answers === 'string' ? answers : JSON.stringify(answers);
  return pids.reduce((rest, pid) => rest.replaceAll(occurrences(pid), 'PID'), text);
}

/** Whether an answer names a process. */
export function names(answers, pid) {
  return occurrences(pid).test(answers);
}

/** A process id as a number of its own, which is not the status of an answer. */
function occurrences(pid) {
  return new RegExp(`(?<!"status":)\\b${pid}\\b`, 'g');
}

/** The place where two texts begin to differ, with what stands around it; undefined when they are the same. */
export function difference(expected, got) {
  if (expected === got) return undefined;
  let at = 0;
  while (expected[at] === got[at]) at++;
  const from = Math.max(0, at - 60);
  const around = (text) => JSON.stringify(text.slice(from, at + 140));
  return `expected ${around(expected)}, got ${around(got)}`;
}
