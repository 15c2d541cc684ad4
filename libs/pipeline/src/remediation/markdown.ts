/** Keeps a sign from meaning something to GitHub without changing how it looks. */
const NOTHING = '\u200b';

/**
 * Text of others as one line of Markdown that says it and does nothing: no formatting, links, pictures or HTML, nobody
 * mentioned, no issue referred to or closed.
 */
export function plain(text: string, maxChars = 500): string {
  return cut(oneLine(text), maxChars)
    .replaceAll(/[\\`*_{}[\]()<>!|~$]/g, String.raw`\$&`)
    .replaceAll(/[@#]/g, `$&${NOTHING}`)
    .replaceAll(/(https?|ftp)(:)/gi, `$1${NOTHING}$2`)
    .replaceAll(/\b(www)\./gi, `$1${NOTHING}.`)
    .replaceAll(/\bGH-(?=\d)/gi, (found) => found + NOTHING);
}

/** Text of others as a block of code: everything stands for itself in it. */
export function fenced(text: string, maxChars = 2_000): string {
  const shown = cut(text.replaceAll(/[^\P{Cc}\n\t]|\p{Cf}/gu, ''), maxChars).trimEnd();
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${shown}\n${fence}`;
}

/** Text of others between backticks, on one line. */
export function code(text: string, maxChars = 200): string {
  const shown = cut(oneLine(text), maxChars).replaceAll('`', 'ˋ').replaceAll('|', '¦');
  return shown === '' ? '` `' : `\`${shown}\``;
}

/** A link, where the address is one of the web; the text is Markdown already. */
export function link(text: string, url: string | null): string {
  return url !== null && /^https?:\/\/[\w.:/?&=%#~@+,;-]+$/.test(url) ? `[${text}](${url})` : text;
}

/**
 * Text of others as the first line of a commit or a title: nobody mentioned, no issue closed, and none of the words in
 * brackets that keep CI from running.
 */
export function titleLine(text: string, maxChars: number): string {
  return cut(oneLine(text), maxChars)
    .replaceAll('[', '(')
    .replaceAll(']', ')')
    .replaceAll(/[@#]/g, `$&${NOTHING}`)
    .replaceAll(/\bGH-(?=\d)/gi, (found) => found + NOTHING);
}

function oneLine(text: string): string {
  return text
    .replaceAll(/\p{Cf}/gu, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}

function cut(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars - 1).toWellFormed()}…` : text;
}
