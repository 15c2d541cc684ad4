import { DomainError, type BackgroundJob } from '@app/domain';

export class JobInWrongState extends DomainError {
  readonly code = 'job_in_wrong_state';
  constructor({ id, state }: BackgroundJob, wanted: string) {
    super(`The job is ${state}; only a job that is ${wanted} can be treated so.`, { id, state });
  }
}
