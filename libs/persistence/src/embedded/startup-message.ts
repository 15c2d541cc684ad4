import { readCstring } from './wire-protocol.js';

/** Parameters of a start-up message that are no settings. */
const NOT_SETTINGS = new Set(['user', 'database', 'options', 'replication', 'client_encoding']);
const UTF8 = /^['"]?utf-?8['"]?$/i;

export interface StartupMessage {
  readonly user: string;
  readonly database: string;
  /** Settings that the client wants for itself: `search_path`, `application_name` … */
  readonly settings: ReadonlyMap<string, string>;
  /** Why the client can't be served; null when it can. */
  readonly problem: string | null;
  /** The minor protocol version asked for, and protocol options, none of which is known here. */
  readonly minorVersion: number;
  readonly protocolOptions: readonly string[];
}

/** Reads what follows length and version in a start-up message. */
export function readStartupMessage(parameters: Buffer, minorVersion: number): StartupMessage {
  const given = new Map<string, string>();
  for (let at = 0; at < parameters.length && parameters[at] !== 0;) {
    const name = readCstring(parameters, at);
    const value = readCstring(parameters, name.next);
    given.set(name.text, value.text);
    at = value.next;
  }
  const user = given.get('user') ?? '';
  const fromOptions = settingsOfOptions(given.get('options') ?? '');
  const settings = new Map([...given, ...(fromOptions ?? [])]);
  const encoding = settings.get('client_encoding') ?? 'UTF8';
  let problem: string | null = null;
  if (!UTF8.test(encoding)) problem = `the embedded database speaks UTF8 only, not ${encoding}`;
  else if (!['', 'false', 'off', '0', 'no'].includes(given.get('replication') ?? ''))
    problem = 'the embedded database has no replication';
  else if (fromOptions === null) problem = 'only -c name=value and --name=value are understood as options';

  for (const name of settings.keys()) {
    if (NOT_SETTINGS.has(name) || name.startsWith('_pq_.')) settings.delete(name);
  }
  return {
    user,
    database: given.get('database') ?? user,
    settings,
    problem,
    minorVersion,
    protocolOptions: [...given.keys()].filter((name) => name.startsWith('_pq_.')),
  };
}

/** `-c name=value --name=value`, a backslash before what is not to separate; null when there is anything else. */
function settingsOfOptions(options: string): [string, string][] | null {
  const words = Array.from(options.matchAll(/(?:\\.|[^\\\s])+/g), ([word]) =>
    word.replaceAll(/\\(.)/g, '$1'),
  );
  const settings: [string, string][] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    const text = word === '-c' ? words[++index] : /^(?:-c|--)(.+)$/.exec(word)?.[1];
    const assignment = /^([^=]+)=(.*)$/s.exec(text ?? '');
    if (!assignment) return null;
    settings.push([assignment[1]!.replaceAll('-', '_'), assignment[2]!]);
  }
  return settings;
}
