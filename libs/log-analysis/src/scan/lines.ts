import { stripControls } from '../reader/ansi.js';

/** A line kept for the answer: cleaned, redacted, with its physical number. */
export interface KeptLine {
  /** 1-based. */
  readonly no: number;
  /** As people see it: without the provider's columns and timestamp. */
  readonly text: string;
  readonly step: number;
}

interface Slot {
  no: number;
  step: number;
  bytes: Buffer | null;
  start: number;
  end: number;
  text: string | null;
}

/**
 * The last lines read, kept as places in the bytes they came from: they become strings only when a finding wants
 * its context. Lines that redaction changed are kept as text, never as their bytes.
 */
export class RecentLines {
  private readonly slots: Slot[];
  private next = 0;

  constructor(
    size: number,
    /** From a control-free line to the line without the provider's prefix. */
    private readonly textOf: (line: string) => string,
  ) {
    this.slots = Array.from({ length: size }, () => ({
      no: 0,
      step: 0,
      bytes: null,
      start: 0,
      end: 0,
      text: null,
    }));
  }

  push(no: number, step: number, bytes: Buffer, start: number, end: number, text: string | null): void {
    const slot = this.slots[this.next]!;
    this.next = (this.next + 1) % this.slots.length;
    slot.no = no;
    slot.step = step;
    slot.bytes = text === null ? bytes : null;
    slot.start = start;
    slot.end = end;
    slot.text = text;
  }

  /** The line `back` lines above the one pushed last (0 is that one); null above the first or out of reach. */
  back(back: number): KeptLine | null {
    if (back >= this.slots.length) return null;
    const slot = this.slots[(this.next - 1 - back + 2 * this.slots.length) % this.slots.length]!;
    if (slot.no === 0) return null;
    if (slot.text === null) {
      slot.text = this.textOf(stripControls(slot.bytes!.toString('utf8', slot.start, slot.end)));
      slot.bytes = null;
    }
    return { no: slot.no, text: slot.text, step: slot.step };
  }
}
