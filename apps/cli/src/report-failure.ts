import { styleText } from 'node:util';

/** What went wrong, for a person at a terminal: the message, and the chain of causes; no stack. */
export function reportFailure(error: unknown, subject?: string): void {
  const label = styleText('red', 'error:', { stream: process.stderr });
  process.stderr.write(`${label} ${subject ? `${subject}: ` : ''}${messages(error).join('\n  because: ')}\n`);
}

function messages(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const own = error.message || error.name;
  const causes = error.cause === undefined ? [] : messages(error.cause);
  // Many messages name their cause already.
  return [own, ...causes.filter((cause) => !own.includes(cause))];
}
