import { Clock } from '@app/domain';

export class SystemClock implements Clock {
  now(): Date {
    return new Date();
  }
}
