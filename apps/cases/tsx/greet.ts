enum Greeting {
  Hello = 'Hello',
}

export function greet(name: string): string {
  return `${Greeting.Hello}, ${name}`;
}
