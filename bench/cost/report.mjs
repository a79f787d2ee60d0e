// The samples as rows of a table.

/** 'median (min to max)'. */
export function spread(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const [min, median, max] = [sorted[0], sorted[Math.floor(sorted.length / 2)], sorted.at(-1)].map(short);
  return `${median} (${min} to ${max})`;
}

/**
 * One row for each kind, state and number of workers: the runs' families, and what one more child adds to a family's
 * PSS, taken over the whole way from the smallest family to the largest.
 */
export function byWorkers(samples, workers) {
  const [least, most] = [Math.min(...workers), Math.max(...workers)];
  return [...new Set(samples.map(({ kind }) => kind))].flatMap((kind) =>
    ['idle', 'served'].flatMap((state) => {
      const of = (count) => samples.filter((row) => row.kind === kind && row.workers === count && row[state]);
      if (of(most).length === 0) return [];
      return workers.map((count) => ({
        kind,
        state,
        workers: count,
        families: of(count).map((row) => row[state]),
        oneMore:
          count === most && least < most
            ? of(most).map((row, run) => (pss(row[state]) - pss(of(least)[run][state])) / (most - least))
            : undefined,
      }));
    }),
  );
}

export function table(rows) {
  const names = Object.keys(rows[0]);
  const cells = [names, ...rows.map((row) => names.map((name) => `${row[name]}`))];
  const widths = names.map((_, column) => Math.max(...cells.map((row) => row[column].length)));
  for (const row of cells)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

function pss(members) {
  return members.reduce((sum, member) => sum + member.pss, 0);
}

function short(number) {
  return number >= 1000 ? `${Math.round(number)}` : `${Number(number.toPrecision(number < 10 ? 2 : 3))}`;
}
