import { randomBytes } from 'node:crypto';

/**
 * Unicode's format characters show nothing, and can reorder or hide what stands around them; so do its variation
 * selectors and fillers.
 */
const INVISIBLE =
  /\p{Cf}|\u034f|[\u115f\u1160]|[\u17b4\u17b5]|\u3164|\uffa0|[\ufe00-\ufe0f]|[\u{e0100}-\u{e01ef}]/gu;

/** The text as a reader sees it. */
export function visibleText(text: string): string {
  return text.replaceAll(INVISIBLE, '');
}

/**
 * Sets untrusted text apart from instructions. The boundary is random for each call, so nobody who writes a log can
 * close the fence; should a text hold it all the same, blanks take its place (an empty text could let what stands left
 * and right of it join to another boundary).
 */
export class Fence {
  constructor(readonly boundary: string = randomBytes(9).toString('hex')) {}

  wrap(text: string): string {
    const inside = visibleText(text).replaceAll(this.boundary, ' ');
    return `<<<${this.boundary}\n${inside}\n${this.boundary}>>>`;
  }
}
