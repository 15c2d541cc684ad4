import { describe, expect, it } from 'vitest';
import { OWN_AUTHOR, OWN_BRANCH_PREFIX, OWN_COMMIT_TRAILER, isOwnWork } from './own-work.js';

const origin = { branch: 'main', commitMessage: 'fix: the build', commitAuthor: 'Mona Lisa' };

describe('isOwnWork', () => {
  it.each([
    ['its branches', { ...origin, branch: `${OWN_BRANCH_PREFIX}fix-12` }],
    ['its branches, however they are written', { ...origin, branch: 'DevFlowFix/fix-12' }],
    ['its author', { ...origin, commitAuthor: OWN_AUTHOR }],
    ['its trailer', { ...origin, commitMessage: `fix: types\n\nWhy.\n\n${OWN_COMMIT_TRAILER}: 4f1d` }],
    [
      'its trailer after a squash',
      {
        ...origin,
        commitMessage: `fix (#3)\r\n\r\n* types\r\n\r\n${OWN_COMMIT_TRAILER.toLowerCase()}: 4f1d`,
      },
    ],
  ])('knows the product’s work by %s', (_, work) => {
    expect(isOwnWork(work)).toBe(true);
  });

  it.each([
    ['other work', origin],
    ['a branch that only mentions it', { ...origin, branch: 'feature/devflowfix/x' }],
    [
      'a message that speaks of the trailer',
      { ...origin, commitMessage: `docs: the ${OWN_COMMIT_TRAILER}: trailer` },
    ],
    [
      'a trailer without a value',
      { ...origin, commitMessage: `x\n\n${OWN_COMMIT_TRAILER}:\nSigned-off-by: me` },
    ],
    ['what says nothing', { branch: null }],
  ])('leaves %s alone', (_, work) => {
    expect(isOwnWork(work)).toBe(false);
  });
});
