/** A raw GitHub Actions log. The `cause` alone makes it another failure; days and the lines before it differ anyhow. */
export function failingLog(runId: number, errors: readonly string[], noise: readonly string[] = []): string {
  const at = (second: number) =>
    `2026-10-0${1 + (runId % 9)}T10:00:${String(second % 60).padStart(2, '0')}.0000000Z`;
  return [
    `${at(0)} ##[group]Run npm run build`,
    ...noise.map((line, index) => `${at(index)} ${line}`),
    ...errors.map((line) => `${at(58)} ${line}`),
    `${at(59)} ##[error]Process completed with exit code 2.`,
    '',
  ].join('\n');
}

/** One of as many distinct failures as there are causes. */
export function typeError(cause: number): string {
  return `src/module-${cause}.ts(${cause + 3},7): error TS2304: Cannot find name 'value${cause}'.`;
}

/** Lines that say nothing. */
export function noise(lines: number, random: () => number): string[] {
  return Array.from(
    { length: lines },
    (_, index) => `npm http fetch GET 200 package-${index} ${Math.floor(random() * 900)}ms`,
  );
}
