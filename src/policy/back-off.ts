const FIRST_DELAY = 100;
const LONGEST_DELAY = 5000;

/** How long to wait, in milliseconds, after so many failures in a row: nothing after none, then twice as long each time. */
export function backOff(times: number): number {
  return times <= 0 ? 0 : Math.min(FIRST_DELAY * 2 ** (times - 1), LONGEST_DELAY);
}
