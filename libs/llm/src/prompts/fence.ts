import { randomBytes } from 'node:crypto';

/** Unicode's format characters show nothing, and can reorder or hide what stands around them. */
const INVISIBLE = /\p{Cf}/gu;

/**
 * Sets untrusted text apart from instructions. The boundary is random for each call, so nobody who writes a log can
 * close the fence; should a text hold it all the same, blanks take its place (an empty text could let what stands left
 * and right of it join to another boundary).
 */
export class Fence {
  constructor(readonly boundary: string = randomBytes(9).toString('hex')) {}

  wrap(text: string): string {
    const inside = text.replaceAll(INVISIBLE, '').replaceAll(this.boundary, ' ');
    return `<<<${this.boundary}\n${inside}\n${this.boundary}>>>`;
  }
}
