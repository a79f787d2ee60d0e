interface Watch {
  close(): void;
}

const open = new Set<Watch>();

/** Has a watch of the event loop closed in forked children: what it tells of is the parent's. */
export function closeInChild(watch: Watch): void {
  open.add(watch);
}

export function forgetWatch(watch: Watch): void {
  open.delete(watch);
}

/** In a forked child. */
export function closeWatches(): void {
  for (const watch of open) watch.close();
}
