export function report(outcomes: readonly object[], versionOf: (name: string) => string, date: Date): string;
