/** Characters and words of a line that make its template: enough to tell two messages apart. */
const MAX_TEMPLATE_CHARS = 320;
const MAX_TOKENS = 28;

/** What stands for every number, hash and address. */
export const NUMBER = '#';

/**
 * Hashes and addresses, and numbers that stand by themselves. A number that belongs to a name (`test_12`, `utf8`) or to
 * the parameters of a test (`test_sum[3]`) tells one thing from another: it stays.
 */
const VARIABLE =
  /\b0x[\da-f]{2,16}\b|\b(?=[a-f]{0,15}\d)(?=\d{0,15}[a-f])[\da-f]{7,64}\b|(?<![a-z\d_]|[a-z_]\[)\d{1,20}/gi;
/** Several of them in one: versions, times of day, shares, with the unit behind them (`950ms` is `1.2s` another day). */
const COMPOUND =
  /#(?:[.,:/-]#){0,12}(?: ?(?:ns|µs|us|ms|s|secs?|seconds?|m|mins?|minutes?|h|hours?|%|[kKMGT]i?B|bytes?)(?![A-Za-z]))?/g;

/**
 * The words of a line with what differs from run to run folded: lines with equal words say the same.
 * @param body without the provider's prefix and relaying marks, redacted.
 */
export function templateTokens(body: string): string[] {
  const clipped = body.length > MAX_TEMPLATE_CHARS ? body.slice(0, MAX_TEMPLATE_CHARS) : body;
  // a line that spells a wildcard out is none
  const plain = clipped.replaceAll('<*>', '<>');
  const folded = plain.replace(VARIABLE, NUMBER).replace(COMPOUND, NUMBER).trim();
  return folded === '' ? [] : folded.split(/\s+/, MAX_TOKENS);
}
