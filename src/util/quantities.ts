// Numbers as people read them.

export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Per second. */
export function rate(value: number | undefined): string {
  if (value === undefined) return '–';
  return value > 0 && value < 10 ? value.toFixed(1) : count(value);
}

export function percent(part: number): string {
  return `${Math.round(part * 100)}%`;
}

export function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '–' : `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

export function milliseconds(value: number): string {
  return value < 10_000 ? `${Math.round(value)} ms` : duration(value);
}

/** Milliseconds in the two largest units: 3d 4h, 5m 12s. */
export function duration(value: number): string {
  const seconds = Math.max(0, Math.floor(value / 1000));
  const units = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const first = units.findIndex(([number]) => number > 0);
  const shown = first < 0 ? units.slice(-1) : units.slice(first, first + 2);
  return shown.map(([number, unit]) => `${number}${unit}`).join(' ');
}
