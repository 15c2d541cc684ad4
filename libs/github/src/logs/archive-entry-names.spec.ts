import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { entriesOfJob } from './archive-entry-names.js';

const LONG =
  'integration tests of the storage engine on every supported database and platform (ubuntu-24.04, 3)';

const letters = (text: string) => text.replaceAll(/[^\p{L}\p{N}]/gu, '');

describe('entriesOfJob', () => {
  it.each([
    ['build', ['0_build.txt', '1_build (20).txt', 'build/1_Set up job.txt'], ['0_build.txt']],
    ['build (20)', ['0_build.txt', '1_build (20).txt'], ['1_build (20).txt']],
    // A reusable workflow's job: characters that file names may not have are left out, or replaced.
    ['deploy / push: image', ['0_deploy  push image.txt'], ['0_deploy  push image.txt']],
    ['deploy / push: image', ['7_deploy _ push_ image.txt'], ['7_deploy _ push_ image.txt']],
    ['build', ['-9223372036854775808_build.txt'], ['-9223372036854775808_build.txt']],
    [LONG, [`4_${LONG.slice(0, 90)}.txt`], [`4_${LONG.slice(0, 90)}.txt`]],
    ['Bäume', ['0_Bäume.txt'], ['0_Bäume.txt']],
  ])('finds the log of %s among %j', (job, names, found) => {
    expect(entriesOfJob(job, names)).toEqual(found);
  });

  it('takes the steps of a job in their order where the whole log is not there', () => {
    const names = [
      'a/2_Test.txt',
      'b/1_Set up job.txt',
      'a/10_Post.txt',
      'a/1_Set up job.txt',
      'a/system.txt',
    ];
    expect(entriesOfJob('a', names)).toEqual(['a/1_Set up job.txt', 'a/2_Test.txt', 'a/10_Post.txt']);
  });

  it.each([
    ['X', ['0_2X.txt', '1_DX.txt', '2X/1_Set up job.txt']],
    ['build', ['0_build.txt', '1_build.txt']],
    ['build', ['build/1_Set up job.txt', 'build/1_Set up job (1).txt']],
    ['build (1)', ['0_build 1.txt', '1_build_1.txt']],
    ['build', ['build.txt', 'docs/0_build.txt/x', '0_rebuild.txt']],
    ['build and test', ['0_build.txt']],
    [LONG, [`4_${LONG.slice(0, 90)}.txt`, `5_${LONG.slice(0, 90)}.txt`]],
    ['…', ['0_—.txt']],
  ])('finds none of %s among %j rather than another job’s', (job, names) => {
    expect(entriesOfJob(job, names)).toBeNull();
  });

  it('never answers a file of another job whose letters differ', () => {
    const name = fc.stringMatching(/^[\w ():/.,-]{1,60}$/);
    fc.assert(
      fc.property(name, fc.array(name, { maxLength: 8 }), (job, others) => {
        const files = others.map((other, i) => `${i}_${other.replaceAll(/[/:]/g, '')}.txt`);
        const found = entriesOfJob(job, files);
        if (found === null) return;
        expect(found).toHaveLength(1);
        expect(letters(found[0]!.replace(/^\d+_|\.txt$/g, ''))).toBe(letters(job));
      }),
    );
  });
});
