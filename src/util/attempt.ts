/** What a function gives; undefined where it throws, for what need not succeed. */
export function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
