/** How the log came to us. */
export const LOG_FORMATS = [
  'gha-raw',
  'gh-run-view',
  'gha-archive',
  'travis',
  'taskcluster',
  'buildkite',
  'gitlab',
  'plain',
] as const;
export type LogFormat = (typeof LOG_FORMATS)[number];

const SAMPLE_LINES = 400;
const BOM = '(?:\\ufeff|\\u2229\\u2557\\u2510)?';
const TIMED = new RegExp(`^${BOM}\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}\\.\\d{3,9}Z `);
const COLUMNS = new RegExp(`^[^\\t]{1,300}\\t[^\\t]{1,300}\\t${BOM}(?:\\d{4}-\\d{2}-\\d{2}T|$| )`);

/** Tells the format from the head of a log (as much as fits one piece); unknown ones are plain. */
export function detectFormat(head: string): LogFormat {
  const lines = head.split('\n', SAMPLE_LINES).filter((line) => line.trim() !== '');
  const share = (pattern: RegExp) =>
    lines.length === 0 ? 0 : lines.filter((line) => pattern.test(line)).length / lines.length;
  if (share(COLUMNS) > 0.6) return 'gh-run-view';
  if (/^\[taskcluster[ :]|^\[task \d{4}-/m.test(head)) return 'taskcluster';
  if (/travis_fold:|travis_time:|^Using worker: |^travis_/m.test(head)) return 'travis';
  if (/section_start:\d+:|^Running with gitlab-runner /m.test(head)) return 'gitlab';
  if (/_bk;t=\d+|^~~~ (?:Running|Preparing)|buildkite-agent/m.test(head)) return 'buildkite';
  if (share(TIMED) > 0.5 || /^##\[(?:group|error|command)\]/m.test(head)) return 'gha-raw';
  return 'plain';
}
