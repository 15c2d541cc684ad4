/** Base of every error the domain names. `code` is stable and reaches API clients. */
export abstract class DomainError extends Error {
  abstract readonly code: string;
  /** Facts a reader needs to act; never secrets. */
  readonly facts: Readonly<Record<string, unknown>>;

  constructor(message: string, facts: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.facts = facts;
  }
}

export class IncidentNotFound extends DomainError {
  readonly code = 'incident_not_found';
  constructor(id: string) {
    super(`No incident ${id}.`, { id });
  }
}

export class PatternNotFound extends DomainError {
  readonly code = 'pattern_not_found';
  constructor(fingerprint: string) {
    super(`No failure pattern ${fingerprint}.`, { fingerprint });
  }
}

export class ProjectNotFound extends DomainError {
  readonly code = 'project_not_found';
  constructor(id: string) {
    super(`No project ${id}.`, { id });
  }
}

export class AgentNotFound extends DomainError {
  readonly code = 'agent_not_found';
  constructor(idOrName: string) {
    super(`No agent ${idOrName}.`, { agent: idOrName });
  }
}

export class DocumentNotFound extends DomainError {
  readonly code = 'document_not_found';
  constructor(id: string) {
    super(`No document ${id}.`, { id });
  }
}

export class BackgroundJobNotFound extends DomainError {
  readonly code = 'job_not_found';
  constructor(id: string) {
    super(`No background job ${id}.`, { id });
  }
}

export class ChannelNotFound extends DomainError {
  readonly code = 'channel_not_found';
  constructor(id: string) {
    super(`No channel ${id}.`, { id });
  }
}

export class DeliveryNotFound extends DomainError {
  readonly code = 'delivery_not_found';
  constructor(id: string) {
    super(`No delivery ${id}.`, { id });
  }
}

/** What the delivery meant is not kept: it was ignored, or is too old. */
export class DeliveryNotReplayable extends DomainError {
  readonly code = 'delivery_not_replayable';
  constructor(id: string) {
    super(`The delivery ${id} can't be run again: nothing that it told is kept.`, { id });
  }
}

export class IllegalTransition extends DomainError {
  readonly code = 'illegal_transition';
  constructor(from: string, to: string) {
    super(`An incident can't move from ${from} to ${to}.`, { from, to });
  }
}

/** The caller no longer owns the incident: a newer attempt or another worker took it over. */
export class ClaimLost extends DomainError {
  readonly code = 'claim_lost';
  constructor(incidentId: string) {
    super(`Incident ${incidentId} was taken over.`, { incidentId });
  }
}

export class InvalidInput extends DomainError {
  readonly code = 'invalid_input';
}

/** A log that must not or can't be read: empty, binary, too large. */
export class UnreadableLog extends DomainError {
  readonly code = 'unreadable_log';
}

/** A document that can't be taken in: empty, of a type nobody reads, broken, or larger than it may become. */
export class UnreadableDocument extends DomainError {
  readonly code = 'unreadable_document';
}

/** An address that documents are never fetched from: not on the internet, or led to by a redirect that isn't followed. */
export class RefusedUrl extends DomainError {
  readonly code = 'refused_url';
}

/**
 * An outside system failed. Adapters wrap foreign errors in it, with `cause`, so that callers know
 * what failed, at what, and whether trying again can help.
 */
export class ExternalFailure extends DomainError {
  readonly code: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Earliest sensible moment of the next try, when the other side named one. */
  readonly retryAfterMs?: number;

  constructor(
    message: string,
    details: {
      /** For example `github_log_gone`, `llm_unauthorized`, `database_away`. */
      code: string;
      retryable: boolean;
      retryAfterMs?: number;
      cause?: unknown;
      facts?: Readonly<Record<string, unknown>>;
    },
  ) {
    super(message, details.facts ?? {}, { cause: details.cause });
    this.code = details.code;
    this.retryable = details.retryable;
    this.retryAfterMs = details.retryAfterMs;
  }
}
