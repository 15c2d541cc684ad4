/** Masks the secrets of a text, line structure kept. What can't be masked is an error, never the text as it came. */
export abstract class Redactor {
  abstract redact(text: string): string;
}
