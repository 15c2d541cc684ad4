import { CannotRead, type Section } from './read-text.js';

/** Gathers a document's text under its headings. */
export class SectionWriter {
  private readonly sections: Section[] = [];
  /** Open headings with their levels. */
  private open: { readonly level: number; readonly text: string }[] = [];
  private text = '';
  private chars = 0;

  constructor(private readonly maxChars: number) {}

  /** Ends the section and begins one under this heading. @param level 1 is the outermost */
  heading(level: number, text: string): void {
    const line = text.replaceAll(/\s+/g, ' ').trim();
    if (line === '') return;
    this.endSection();
    this.open = [...this.open.filter((heading) => heading.level < level), { level, text: line }];
    this.count(line.length);
  }

  /** Running text: white space is folded. */
  words(text: string): void {
    const folded = text.replaceAll(/\s+/g, ' ');
    this.raw(this.text === '' || /\s$/.test(this.text) ? folded.trimStart() : folded);
  }

  /** Text as it stands: code. */
  raw(text: string): void {
    this.text += text;
    this.count(text.length);
  }

  lineBreak(): void {
    this.text = this.text.replace(/[ \t]+$/, '');
    if (this.text !== '' && !this.text.endsWith('\n')) this.raw('\n');
  }

  paragraph(): void {
    this.lineBreak();
    if (this.text !== '' && !this.text.endsWith('\n\n')) this.raw('\n');
  }

  finish(): readonly Section[] {
    this.endSection();
    return this.sections;
  }

  private endSection(): void {
    const text = this.text.trim();
    if (text !== '') this.sections.push({ headings: this.open.map((heading) => heading.text), text });
    this.text = '';
  }

  private count(chars: number): void {
    this.chars += chars;
    if (this.chars > this.maxChars)
      throw new CannotRead(`it holds more than ${this.maxChars} characters of text`);
  }
}
