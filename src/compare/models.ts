/** The ways to serve that are compared. */
export const MODELS = ['prefork', 'start', 'cluster', 'cluster-none', 'event-loop'] as const;

export type Model = (typeof MODELS)[number];

/** What each is called in tables, and in a sentence. */
export const NAMES: Readonly<Record<Model, { readonly name: string; readonly sentence: string }>> = {
  prefork: { name: 'prefork', sentence: 'prefork echo: children that block in accept(2), one client each at a time' },
  start: { name: 'prefork start', sentence: 'prefork start: an event loop in each forked worker' },
  cluster: { name: 'cluster', sentence: 'node:cluster with SCHED_RR: the primary accepts and hands out' },
  'cluster-none': { name: 'cluster none', sentence: 'node:cluster with SCHED_NONE: the workers accept' },
  'event-loop': { name: 'event loop', sentence: 'one Node process' },
};
