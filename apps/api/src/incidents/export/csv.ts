/** What a spreadsheet would take for a formula, wherever the text came from: a branch may have any name. */
const FORMULA = /^[=+\-@\t\r]/;

/** One line of CSV (RFC 4180), each cell as text or number; what would be a formula stands behind an apostrophe. */
export function csvLine(cells: readonly (string | number | null)[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
