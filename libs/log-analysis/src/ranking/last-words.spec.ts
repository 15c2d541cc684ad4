import { describe, expect, it } from 'vitest';
import { analyzeLog } from '../analyze-log.js';

async function primaryOf(...lines: readonly string[]): Promise<string | undefined> {
  const log = [
    '##[group]Run ./check.sh',
    '##[endgroup]',
    ...lines,
    '##[error]Process completed with exit code 1.',
    '',
  ];
  return (await analyzeLog(log.join('\n'))).primary?.text;
}

describe('the last words of a program that no rule knows', () => {
  it('are shown rather than its exit code', async () => {
    expect(await primaryOf('weighing widgets', 'widget 3 is too heavy')).toBe('widget 3 is too heavy');
  });

  it('are the last with a word of trouble, whatever was said after', async () => {
    expect(await primaryOf('weighing widgets', 'widget 3 does not fit', 'widgets weighed: 12')).toBe(
      'widget 3 does not fit',
    );
  });

  it('are neither farewells nor frames nor rules', async () => {
    expect(
      await primaryOf(
        'widget 3 is too heavy',
        '    at weigh (scale.js:3:1)',
        '----------',
        '',
        'Done in 3.2s.',
      ),
    ).toBe('widget 3 is too heavy');
  });

  it('are not asked for where a rule knows the cause', async () => {
    expect(await primaryOf('Error: the scale is broken', 'widget 3 does not fit')).toBe(
      'Error: the scale is broken',
    );
  });

  it('are the exit code where nothing stands above it', async () => {
    expect(await primaryOf()).toBe('##[error]Process completed with exit code 1.');
  });

  it('are those of the step that failed', async () => {
    const log = [
      '##[group]Run ./weigh.sh',
      '##[endgroup]',
      'widget 1 does not fit',
      '##[group]Run ./check.sh',
      '##[endgroup]',
      'widget 2 is too heavy',
      '##[error]Process completed with exit code 1.',
      'Post job cleanup.',
      'widget 3 is missing',
      '',
    ];
    expect((await analyzeLog(log.join('\n'))).primary?.text).toBe('widget 2 is too heavy');
  });
});
