import { setFlagsFromString } from 'node:v8';

/**
 * Keeps this process small while it reads logs of any size. What a reader of lines makes is garbage at once; V8 answers
 * with a young generation that grows to a hundred megabytes and more, though a small one is emptied as fast. To be
 * called before the work; it concerns the whole process, so it is the program's to decide.
 */
export function keepYoungGenerationSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
