import { DomainError } from '@app/domain';

export class PayloadTooLarge extends DomainError {
  readonly code = 'payload_too_large';
  constructor(limitBytes: number) {
    super(`The body is larger than ${limitBytes} bytes, the most this address takes.`, { limitBytes });
  }
}
