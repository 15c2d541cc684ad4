import type { DeliveryMeaning } from '@app/domain';

/** A meaning as it comes back from JSON, where times are text. */
export function reviveMeaning(meaning: DeliveryMeaning): DeliveryMeaning {
  switch (meaning.kind) {
    case 'failed_job':
      return { ...meaning, job: { ...meaning.job, failedAt: new Date(meaning.job.failedAt) } };
    case 'failed_run': {
      const { run } = meaning;
      return {
        ...meaning,
        run: {
          ...run,
          failedAt: new Date(run.failedAt),
          ...(run.startedAt === undefined ? {} : { startedAt: timeOf(run.startedAt) }),
        },
      };
    }
    case 'run':
      return { ...meaning, run: { ...meaning.run, endedAt: timeOf(meaning.run.endedAt) } };
    case 'job':
      return { ...meaning, job: { ...meaning.job, endedAt: new Date(meaning.job.endedAt) } };
    case 'pull_request': {
      const { pull } = meaning;
      return {
        ...meaning,
        pull: { ...pull, changedAt: new Date(pull.changedAt), mergedAt: timeOf(pull.mergedAt) },
      };
    }
    default:
      return meaning;
  }
}

function timeOf(text: Date | null | undefined): Date | null {
  return text === null || text === undefined ? null : new Date(text);
}
