/**
 * What differs between two runs of one failure, and what takes its place. Order matters: the specific before the
 * general. All expressions are bounded.
 */
const MASKS: readonly (readonly [RegExp, string])[] = [
  [/\b\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?/g, '<time>'],
  [/\b\d{4}[-/]\d{2}[-/]\d{2}\b/g, '<date>'],
  [/\b\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?\b/g, '<time>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, '<id>'],
  [/\b0x[0-9a-f]{2,16}\b/gi, '<addr>'],
  [/\bsha(?:1|256|384|512)[:-][A-Za-z0-9+/=]{16,128}/g, '<hash>'],
  [/\b(?=[0-9a-f]{0,63}\d)(?=[0-9a-f]{0,63}[a-f])[0-9a-f]{7,64}\b/gi, '<hash>'],
  // an absolute path ends in its last two parts: where the workspace or a temporary directory stands varies
  [/(?:\b[A-Za-z]:)?[\\/](?:[\w.@+~-]{1,100}[\\/]){2,30}(?=[\w.@+-]{1,100}[\\/][\w.@+-])/g, '<dir>/'],
  [
    /(?:\b[A-Za-z]:)?[\\/](?:tmp|temp|var[\\/]folders|private)[\\/](?:[\w.@+~-]{1,100}[\\/]){0,30}/gi,
    '<tmp>/',
  ],
  [/(?<=[\w)\]]\.[A-Za-z]{1,10}):\d{1,6}(?::\d{1,6})?\b/g, ':<pos>'],
  [/\[\d{1,6},\s?\d{1,6}\]/g, '[<pos>]'],
  [/\((?:\d{1,6}),\s?(?:\d{1,6})\)/g, '(<pos>)'],
  [/\bline \d{1,6}\b/gi, 'line <pos>'],
  [/\b(?:\d{1,3}\.){3}\d{1,3}(?::\d{1,5})?\b/g, '<ip>'],
  [/\b(localhost|\[::1\]):\d{2,5}\b/g, '$1:<port>'],
  [/\b\d{1,9}(?:\.\d{1,9})?\s?(?:ms|s|sec|secs|seconds?|m|min|minutes?|h|hours?|us|µs|ns)\b/g, '<duration>'],
  [/\b\d{1,12}(?:\.\d{1,6})?\s?(?:[KMGT]i?B|bytes|[kMG]b)\b/g, '<size>'],
  [/\b\d{1,3}(?:\.\d{1,4})?%/g, '<percent>'],
  [/\bpid[ =:]{1,3}\d{1,8}\b/gi, 'pid <n>'],
  [/\b\d{5,}\b/g, '<n>'],
];
const MAX_MASKED_CHARS = 600;

/** What one mask or the cut leaves may look like something else: tried again until nothing changes, at most this often. */
const MAX_ROUNDS = 4;

/** The line with everything masked that differs between runs of the same failure; masking it again changes nothing. */
export function maskVariableParts(line: string): string {
  let masked = maskOnce(line);
  for (let round = 1; round < MAX_ROUNDS; round += 1) {
    const again = maskOnce(masked);
    if (again === masked) break;
    masked = again;
  }
  return masked;
}

function maskOnce(line: string): string {
  let masked = line.length > 2 * MAX_MASKED_CHARS ? line.slice(0, 2 * MAX_MASKED_CHARS) : line;
  // a path of Windows, also as its escaped form in a quoted string, is masked like any other
  masked = masked.replace(/(?<=[\w:~.])\\{1,2}(?=[\w.$~-])/g, '/');
  for (const [pattern, replacement] of MASKS) masked = masked.replace(pattern, replacement);
  return masked.replaceAll('\\', '/').replace(/\s+/g, ' ').trim().slice(0, MAX_MASKED_CHARS).trimEnd();
}
