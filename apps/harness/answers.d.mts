export function withoutPids(answers: unknown, pids: readonly number[]): string;
export function names(answers: string, pid: number): boolean;
export function difference(expected: string, got: string): string | undefined;
