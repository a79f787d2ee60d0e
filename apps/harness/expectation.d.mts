export interface Expectation {
  readonly outcome: string;
  readonly message?: RegExp;
  readonly waitsFor?: string;
}

export const WAITING: Record<string, Expectation>;

export function expectationOf(
  testCase: {
    readonly waitsFor?: string | string[] | ((major: number) => string | undefined);
    readonly meanwhile?: Partial<Expectation>;
    readonly expected?: Expectation | ((major: number) => Expectation);
  },
  major: number,
  waiting?: Record<string, Expectation>,
): Expectation;

export function judge(
  expected: Expectation,
  result: { readonly outcome: string; readonly message: string },
): string | undefined;
