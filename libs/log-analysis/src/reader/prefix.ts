import type { LogFormat } from './format.js';

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z ?/;
/** A byte order mark, also as code page 437 shows it in logs piped through a Windows console. */
const BYTE_ORDER_MARK = /^(?:\ufeff|\u2229\u2557\u2510)/;

/** What the provider put before a line, apart from the line itself. */
export interface ProviderPrefix {
  readonly job: string | null;
  readonly step: string | null;
  /** ISO timestamp, when the line carries one. */
  readonly time: string | null;
  readonly text: string;
}

/** Splits a control-free line into the provider's columns and the line as the tool printed it (right-trimmed). */
export function splitPrefix(line: string, format: LogFormat): ProviderPrefix {
  let rest = line;
  let job: string | null = null;
  let step: string | null = null;
  if (format === 'gh-run-view') {
    const first = rest.indexOf('\t');
    const second = first < 0 ? -1 : rest.indexOf('\t', first + 1);
    if (second >= 0) {
      job = rest.slice(0, first);
      step = rest.slice(first + 1, second);
      rest = rest.slice(second + 1);
    }
  }
  let time: string | null = null;
  const code = rest.charCodeAt(0);
  // 0xfeff and 0x2229 open the two forms of the byte order mark; digits open a timestamp
  if (code === 0xfeff || code === 0x2229) rest = rest.replace(BYTE_ORDER_MARK, '');
  if (rest.charCodeAt(4) === 45 && rest.charCodeAt(10) === 84) {
    const stamp = ISO_TIME.exec(rest);
    if (stamp) {
      time = stamp[0].trim();
      rest = rest.slice(stamp[0].length);
      if (rest.charCodeAt(0) === 0xfeff) rest = rest.slice(1);
    }
  }
  return { job, step, time, text: rest.trimEnd() };
}

/** Prefixes of programs that relay other programs' output; what follows is the relayed line. */
const RELAYS = [
  /^##\[(?:error|warning|notice|debug)\]/,
  /^::(?:error|warning|notice)(?: [^:]{0,400}(?::[^:]{1,200}){0,3})?::/,
  /^\[task \d{4}-[^\]]{10,30}\] ?(?:\d\d:\d\d:\d\d {1,8}[A-Z]{4,8} - {1,2})?/,
  /^\[taskcluster[^\]]{0,40}\] ?/,
  /^#\d{1,4} (?:\d{1,6}\.\d{1,4} )?/, // BuildKit: step number and seconds
  /^\d{1,5}: (?=\S)/, // ctest -V
  /^(?:err|out): /, // ssh deploy actions
  /^\[(?:WebServer|stdout|stderr|err|out)\] ?/i,
  /^\[[\w.@ -]{1,40} #?\d{1,3}-\d{1,3}\] ?/, // WebdriverIO workers
  /^\[\d{1,3}-\d{1,3}\] ?/,
  // docker compose; names in capitals are the marks of a harness (`TEST-UNEXPECTED-FAIL | `), part of its message
  /^(?![A-Z][A-Z-]{2,59} {1,30}\| )[\w.-]{1,60} {1,30}\| /,
  /^[│┃|╷╵] ?/,
  /^\[\d{1,2}\] (?=\S)/, // concurrently
  // monorepo runners: turbo (`@acme/web:build: `), pnpm (`packages/web build: `), Yarn (`[@acme/web]: `), Lerna
  /^(?:@[\w.-]{1,60}\/)?[\w.-]{1,60}[:#](?:build|test|lint|type-?check|check|compile|format|e2e|codegen|generate|bundle)[\w:.-]{0,40}: ?/,
  /^(?:[\w.@-]{1,60}\/){1,6}[\w.@-]{1,60} (?:build|test|lint|type-?check|check|compile|format|e2e|codegen|generate|bundle|(?:pre|post)?install|prepare)[\w:.-]{0,40}: ?/,
  /^\[(?!(?:error|warn|warning|fatal|info|debug)\])(?:@[a-z0-9_.-]{1,60}\/)?[a-z0-9_.-]{1,60}\]: /,
  /^@[\w.-]{1,60}\/[\w.-]{1,60}: /,
  /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:[.,]\d{1,9})?(?:Z|[+-]\d{2}:?\d{2})?:? +/,
] as const;
const MAY_BE_RELAYED = /^[#:[@.│┃|╷╵\w]/;

/** The line without the marks of relaying programs: what detectors match. Leading blanks are kept. */
export function relayed(text: string): string {
  let body = text;
  for (let round = 0; round < 4; round += 1) {
    if (!MAY_BE_RELAYED.test(body)) return body;
    const relay = RELAYS.find((pattern) => pattern.test(body));
    if (!relay) return body;
    body = body.replace(relay, '');
  }
  return body;
}
