// eslint-disable-next-line no-control-regex
const ANSI = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
/** The ISO timestamp of GitHub's raw logs, also behind a byte order mark and its code page 437 form. */
const TIMESTAMP = /^(?:\ufeff|\u2229\u2557\u2510)?\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z ?/;

/**
 * The line as labels and excerpts are compared: the two columns of `gh run view`, ANSI codes and a leading timestamp
 * removed, then trimmed. Apart from the reader's own clean-up, so that a fault there shows in the scores.
 */
export function cleanLine(line: string, format?: string): string {
  let rest = line;
  if (format === 'gh-run-view') {
    const [job, step, ...text] = rest.split('\t');
    if (job !== undefined && step !== undefined && text.length > 0) rest = text.join('\t');
  }
  return rest
    .replace(ANSI, '')
    .replace(/^\ufeff+/, '')
    .replace(TIMESTAMP, '')
    .trim();
}
