/**
 * Terminal controls: colours, cursor moves, window titles (OSC), Buildkite time marks (APC), and the caret form
 * `^[[31m` that some tools print in their place. Every part is bounded or excludes its own end: linear.
 */
const CONTROLS =
  // eslint-disable-next-line no-control-regex
  /\u001b(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|[\]_P^][^\u0007\u001b]{0,4096}(?:\u0007|\u001b\\)|[@-Z\\-_]|[()][0-9A-Za-z])|\^\[\[[0-9;?]{0,32}[A-Za-z]/g;
// eslint-disable-next-line no-control-regex
const LEFTOVERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\ufeff]/g;
// eslint-disable-next-line no-control-regex
const ANY_CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f\ufeff]|\^\[\[/;

/** The line as a terminal would have left it: no escapes, and of a progress bar only what was drawn last. */
export function stripControls(line: string): string {
  if (!ANY_CONTROL.test(line)) return line;
  const plain = line.replace(CONTROLS, '');
  return lastDrawn(plain).replace(LEFTOVERS, '');
}

/** Carriage returns overwrite: the last segment that holds anything is what stays visible. */
function lastDrawn(line: string): string {
  if (!line.includes('\r')) return overstruck(line);
  const segments = line.split('\r');
  for (let i = segments.length - 1; i >= 0; i -= 1) {
    const segment = overstruck(segments[i] ?? '');
    if (segment.trim() !== '') return segment;
  }
  return '';
}

/** Backspaces go back, and what follows is drawn over what stood there: spinners, percentages, bold type of manuals. */
function overstruck(line: string): string {
  if (!line.includes('\b')) return line;
  const drawn: string[] = [];
  let at = 0;
  for (const char of line) {
    if (char === '\b') at = Math.max(0, at - 1);
    else drawn[at++] = char;
  }
  return drawn.join('');
}
