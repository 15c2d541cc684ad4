import {
  signedDelivery,
  workflowJobEvent,
  workflowRunEvent,
  type GithubStandIn,
  type JobSeed,
  type RunSeed,
} from '@app/github';
import type { Product } from './product.js';
import type { Recording } from './recording.js';

const DIAGNOSIS_LIMIT_MS = 120_000;
const UNFINISHED = new Set(['received', 'diagnosing']);

/** The fields of an incident's answer that the report shows. */
export interface IncidentAnswer {
  readonly id: string;
  readonly status: string;
  readonly statusReason: string | null;
  readonly category: string | null;
  readonly subcategory: string | null;
  readonly determinism: string | null;
  readonly confidence: number | null;
  readonly fingerprint: string | null;
  readonly evidence: readonly { startLine: number; endLine: number; text: string }[];
  readonly cost: { modelCalls: number; cachedCalls: number; costUsd: number };
  readonly diagnosis: null | {
    readonly source: string;
    readonly state: string;
    readonly reused: boolean;
    readonly rootCause: string;
    readonly citations: readonly { line: number; quote: string }[];
    readonly solution: { summary: string; steps: readonly string[]; commands: readonly string[] };
  };
}

export interface PlayedFailure {
  readonly incident: IncidentAnswer;
  /** From the first webhook sent to the diagnosis read. */
  readonly ms: number;
  readonly showsFailure: boolean;
  readonly webhookStatuses: readonly number[];
  readonly redactions: number | null;
}

/** Whether the diagnosis rests on something: on evidence, in a log that shows a failure at all. */
export function isExplained({ incident, showsFailure }: PlayedFailure): boolean {
  return showsFailure && incident.status === 'diagnosed' && incident.diagnosis?.state === 'complete';
}

/** Lets jobs fail: tells the stand-in about the run, sends the webhooks that GitHub would, waits for the diagnosis. */
export class FailureFeed {
  constructor(
    private readonly github: GithubStandIn,
    private readonly product: Product,
    private readonly webhookSecret: string,
  ) {}

  /** @throws when a webhook is refused or no diagnosis comes in time */
  async fail(recording: Recording, runId: number): Promise<PlayedFailure> {
    const job: JobSeed = {
      id: runId * 2 + 1,
      name: recording.job,
      failedStep: recording.step || undefined,
      completedAt: new Date(),
      log: recording.log,
    };
    const run: RunSeed = {
      repository: recording.repository,
      id: runId,
      workflowName: recording.workflow,
      branch: recording.branch,
      headSha: recording.headSha,
      completedAt: new Date(),
      jobs: [job],
    };
    this.github.addRun(run);

    const startedAt = performance.now();
    const jobAnswer = await this.send('workflow_job', workflowJobEvent(run, job));
    const runAnswer = await this.send('workflow_run', workflowRunEvent(run));
    const incident = await this.diagnosed(jobAnswer.incidents[0]!);
    const ms = performance.now() - startedAt;
    const log = await this.product
      .get<{ redactions: number }>(`/api/v1/incidents/${incident.id}/log`)
      .catch(() => null);
    return {
      incident,
      ms,
      showsFailure: recording.showsFailure,
      webhookStatuses: [jobAnswer.status, runAnswer.status],
      redactions: log?.redactions ?? null,
    };
  }

  private async send(event: string, payload: unknown): Promise<{ status: number; incidents: string[] }> {
    const { headers, body } = signedDelivery(event, payload, this.webhookSecret);
    const response = await fetch(`${this.product.url}/api/v1/webhooks/github`, {
      method: 'POST',
      headers,
      body,
    });
    const text = await response.text();
    if (response.status !== 202)
      throw new Error(`The ${event} webhook was answered with ${response.status}: ${text}`);
    return { status: response.status, incidents: (JSON.parse(text) as { incidents: string[] }).incidents };
  }

  private async diagnosed(id: string): Promise<IncidentAnswer> {
    const deadline = performance.now() + DIAGNOSIS_LIMIT_MS;
    for (;;) {
      const incident = await this.product.get<IncidentAnswer>(`/api/v1/incidents/${id}`);
      if (!UNFINISHED.has(incident.status)) return incident;
      if (performance.now() > deadline)
        throw new Error(`Incident ${id} is still ${incident.status} after ${DIAGNOSIS_LIMIT_MS / 1_000} s.`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
