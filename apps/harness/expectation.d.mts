export interface Expectation {
  readonly outcome: string;
  readonly message?: RegExp;
}

export function expectationOf(
  testCase: { readonly expected?: Expectation | ((major: number) => Expectation) },
  major: number,
): Expectation;

export function judge(
  expected: Expectation,
  result: { readonly outcome: string; readonly message: string },
): string | undefined;
