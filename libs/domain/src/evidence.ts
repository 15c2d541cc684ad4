/**
 * A decisive stretch of a redacted log. Models are given evidence with ids and cite `id` + quote;
 * line numbers belong to one log only and are never part of a cached or reused answer.
 */
export interface Evidence {
  /** `E1`, `E2` … in order of rank, the decisive one first. */
  readonly id: string;
  /** 1-based physical lines of the log, both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
  /** Cleaned and redacted text, one log line a line. */
  readonly text: string;
}

/** A structured message that a tool printed, as a detector read it. */
export interface Finding {
  /** The tool that printed the message: `tsc`, `pytest`, `npm` … */
  readonly tool: string;
  /** The tool's own code for it: `TS2345`, `E0308`, `ERESOLVE` … */
  readonly code?: string;
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly testName?: string;
  readonly expected?: string;
  readonly actual?: string;
  /** 1-based physical lines of the log, both inclusive. */
  readonly startLine: number;
  readonly endLine: number;
}

/** What an answer rests on: evidence named by id, with words that must stand in it verbatim. */
export interface Citation {
  readonly evidenceId: string;
  readonly quote: string;
}

/** A citation that was checked and found in the log at hand. */
export interface AnchoredCitation extends Citation {
  readonly line: number;
}
