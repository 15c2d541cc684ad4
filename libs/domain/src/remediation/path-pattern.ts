/**
 * Whether a path or branch fits a glob: `*` is any text within a segment, `**` any number of whole segments, `?` one
 * character. Everything else stands for itself. Takes time proportional to the product of both lengths, whatever
 * the glob.
 */
export function matchesPattern(
  pattern: string,
  path: string,
  options: { ignoreCase?: boolean } = {},
): boolean {
  const fold = (text: string): string => (options.ignoreCase ? text.toLowerCase() : text);
  const globs = fold(pattern).split('/');
  const segments = fold(path).split('/');
  return align(globs, segments, (glob) => glob === '**', matchesSegment);
}

function matchesSegment(glob: string, segment: string): boolean {
  return align(
    [...glob],
    [...segment],
    (sign) => sign === '*',
    (sign, letter) => sign === '?' || sign === letter,
  );
}

/** Whether `signs` cover `items` in order, where a wild sign covers any number of them. */
function align<T>(
  signs: readonly T[],
  items: readonly T[],
  isWild: (sign: T) => boolean,
  fits: (sign: T, item: T) => boolean,
): boolean {
  // reached[i]: the signs so far cover exactly the first i items
  let reached = items.map(() => false);
  reached = [true, ...reached];
  for (const sign of signs) {
    const next = Array.from({ length: items.length + 1 }, () => false);
    for (let i = 0; i <= items.length; i++) {
      if (isWild(sign)) next[i] = reached[i]! || (i > 0 && next[i - 1]!);
      else next[i] = i > 0 && reached[i - 1]! && fits(sign, items[i - 1]!);
    }
    reached = next;
  }
  return reached[items.length]!;
}

/** A path as Git stores it: relative, with slashes, without `.`, `..`, `.git` and control characters. */
export function isRepositoryPath(path: string): boolean {
  if (path === '' || path.length > 1_000 || /[\p{Cc}\p{Cf}\\:]/u.test(path)) return false;
  return path
    .split('/')
    .every((segment) => !/^\.*$/.test(segment) && !/[. ]$/.test(segment) && !/^\.git(?:$|~)/i.test(segment));
}
