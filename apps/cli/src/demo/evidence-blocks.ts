const BLOCKS = 3;
const LINE_WIDTH = 150;

export interface EvidenceLine {
  readonly number: number;
  readonly text: string;
  readonly cited: boolean;
}

/**
 * The cited lines of a log, each between its neighbours, what is cited first at the top: a block of lines for each, or
 * for several that stand together. Lines that say nothing (empty, or a tool's prefix alone) are skipped, long ones cut at 150
 * characters and end with “…”. At most three blocks; the citations that come first are kept.
 */
export function evidenceBlocks(
  evidence: readonly { readonly startLine: number; readonly text: string }[],
  citations: readonly number[],
): EvidenceLine[][] {
  const cited = new Set(citations.slice(0, BLOCKS));
  const byNumber = new Map(
    evidence.flatMap(({ startLine, text }) =>
      text.split('\n').map((line, offset) => [startLine + offset, line.trimEnd()] as const),
    ),
  );
  const lines = [...byNumber].toSorted(([a], [b]) => a - b);
  const telling = lines.filter(([number, text]) => cited.has(number) || !isBlank(text, lines));
  const shown = telling.map((_, index) =>
    telling.slice(Math.max(0, index - 1), index + 2).some(([number]) => cited.has(number)),
  );

  const blocks: EvidenceLine[][] = [];
  for (const [index, [number, text]] of telling.entries()) {
    if (!shown[index]) continue;
    const follows = shown[index - 1] && reaches(telling[index - 1]![0], number, byNumber);
    if (!follows) blocks.push([]);
    blocks.at(-1)!.push({ number, text: cut(text), cited: cited.has(number) });
  }
  // A line apart from every cited one was only the neighbour of a gap.
  const rank = (block: readonly EvidenceLine[]) =>
    citations.findIndex((citation) => block.some(({ number }) => number === citation));
  return blocks.filter((block) => block.some((line) => line.cited)).toSorted((a, b) => rank(a) - rank(b));
}

/** Empty, or what other lines begin with and go on from: `npm error` before `npm error code ERESOLVE`. */
function isBlank(text: string, lines: readonly (readonly [number, string])[]): boolean {
  const own = text.trim();
  return own === '' || lines.some(([, other]) => other.trim().startsWith(`${own} `));
}

/** Whether the log's lines between the two are all known, so that the second stands near the first. */
function reaches(from: number, to: number, known: ReadonlyMap<number, string>): boolean {
  for (let number = from + 1; number < to; number++) if (!known.has(number)) return false;
  return true;
}

function cut(text: string): string {
  return text.length > LINE_WIDTH ? `${text.slice(0, LINE_WIDTH - 1)}…` : text;
}
