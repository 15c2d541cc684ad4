import { createHash } from 'node:crypto';

/** Digits and letters that are the same for the same words, and look like nothing. */
function scrambled(...words: readonly (string | number)[]): string {
  return createHash('sha512').update(words.join(' ')).digest('hex');
}

const two = (value: number) => String(value).padStart(2, '0');

const shifted = (part: string, by: number, below: number) => two((Number(part) + by) % below);

function digitsLike(text: string, seed: string): string {
  const noise = scrambled(seed, text);
  return text.replace(/\d/g, (_, at: number) => {
    const digit = Number.parseInt(noise[at % noise.length]!, 16) % 10;
    // Leading zeros would change what kind of number it is.
    return String(at === 0 ? 1 + (digit % 9) : digit);
  });
}

function hexLike(text: string, seed: string): string {
  const noise = scrambled(seed, text.toLowerCase());
  const made = [...text].map((_, at) => noise[at % noise.length]!).join('');
  // A hash stays one: digits and letters both.
  const mixed = `a1${made.slice(2)}`.slice(0, text.length);
  return text === text.toUpperCase() ? mixed.toUpperCase() : mixed;
}

/**
 * The log of the same failure in another run: other times, ids, hashes, ports, durations, and another workspace. Written
 * without a look at how the product masks such parts; occurrence 0 is the log as it is.
 */
export function seenAgain(log: string, name: string, occurrence: number): string {
  if (occurrence === 0) return log;
  const seed = `${name} ${occurrence}`;
  return log
    .replace(
      /\b(20\d\d)-(\d\d)-(\d\d)([T ])(\d\d):(\d\d):(\d\d)([.,]\d+)?/g,
      (_, year, _month, _day, gap: string, h: string, m: string, s: string, fraction: string | undefined) =>
        `${year}-${two(1 + occurrence)}-${two(3 + occurrence)}${gap}${shifted(h, occurrence, 24)}:${shifted(m, 7 * occurrence, 60)}:${shifted(s, 13, 60)}${fraction === undefined ? '' : digitsLike(fraction, seed)}`,
    )
    .replace(
      /(?<![\d:.T -]|\d{4}-\d\d-\d\d )\b(\d\d):(\d\d):(\d\d)\b(?![:\d])/g,
      (_, h: string, m: string, s: string) =>
        `${shifted(h, occurrence, 24)}:${shifted(m, 7 * occurrence, 60)}:${shifted(s, 13, 60)}`,
    )
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, (id) =>
      id
        .split('-')
        .map((part) => hexLike(part, seed))
        .join('-'),
    )
    .replace(/\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{12,64}\b/gi, (hash) => hexLike(hash, seed))
    .replace(/\b0x[0-9a-f]{6,16}\b/gi, (address) => `0x${hexLike(address.slice(2), seed)}`)
    .replace(/(?<![\w.-])\d{7,}(?![\w.-])/g, (id) => digitsLike(id, seed))
    .replace(
      /\b(localhost|127\.0\.0\.1):\d{4,5}\b/g,
      (_, host: string) => `${host}:${40_000 + 1_111 * occurrence}`,
    )
    .replace(
      /(?<![\w.])(\d+(?:\.\d+)?)(\s?(?:ms|s|secs?|seconds|m|mins?|minutes))\b/g,
      (_, figure: string, unit: string) => digitsLike(figure, seed) + unit,
    )
    .replaceAll(
      /\/home\/(?:runner\/work|travis\/build|circleci|jenkins\/workspace)\b/g,
      `/builds/agent-${occurrence}/work`,
    )
    .replaceAll(/\/Users\/runner\/work\b/g, `/Volumes/agent-${occurrence}/work`)
    .replaceAll(/\bD:\\a\\/g, `E:\\agent${occurrence}\\`)
    .replace(/(?<=\/tmp\/)[\w.-]+/g, (part) => `${hexLike('0123456789ab', seed + part)}`);
}
