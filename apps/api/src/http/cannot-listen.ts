import { DomainError } from '@app/domain';

const REASONS: Readonly<Record<string, { happened: string; remedy: string }>> = {
  EADDRINUSE: {
    happened: 'another program listens there',
    remedy: 'End that program, or set PORT to another port.',
  },
  EACCES: {
    happened: 'the system does not allow it',
    remedy: 'Set PORT to a port from 1024 on.',
  },
  EADDRNOTAVAIL: {
    happened: 'this machine has no such address',
    remedy: 'Set HOST to an address of this machine.',
  },
  ENOTFOUND: {
    happened: 'the name leads to no address',
    remedy: 'Set HOST to an address of this machine.',
  },
};

/** The HTTP server could not take its address. */
export class CannotListen extends DomainError {
  readonly code = 'cannot_listen';

  constructor(host: string, port: number, cause: NodeJS.ErrnoException) {
    const reason = REASONS[cause.code ?? ''] ?? {
      happened: cause.message,
      remedy: 'HOST and PORT say where to listen.',
    };
    super(`Can't listen on ${host}, port ${port}: ${reason.happened}. ${reason.remedy}`, { host, port });
  }
}
