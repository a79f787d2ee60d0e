/** Milliseconds that an answer may take. */
const FETCH_TIMEOUT_MS = 5000;

/** @throws with what the server says, where it has no answer */
export async function load<T>(path: string): Promise<T> {
  const response = await fetch(path, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as T;
}

/** Waits so many milliseconds, and as long as the page is hidden. */
export async function pause(milliseconds: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  while (document.hidden) {
    await new Promise((resolve) => document.addEventListener('visibilitychange', resolve, { once: true }));
  }
}
