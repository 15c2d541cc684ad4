import {
  Cache,
  IncidentNotFound,
  IncidentRepository,
  WorkflowNotFound,
  WorkflowRepository,
  type ActionKind,
  type ApiKey,
  type RemediationWorkflow,
} from '@app/domain';
import { AnnounceRemediation, PlanRemediation, SteerRemediation, type Steering } from '@app/pipeline';
import { Injectable } from '@nestjs/common';
import { visibleProjects } from '../incidents/incident-reader.js';
import type { PreviewView, WorkflowListQuery, WorkflowView } from './workflow.schemas.js';

/** Workflows as one caller may see and steer them: outside its projects nothing exists. */
@Injectable()
export class WorkflowDesk {
  constructor(
    private readonly workflows: WorkflowRepository,
    private readonly incidents: IncidentRepository,
    private readonly planner: PlanRemediation,
    private readonly steering: SteerRemediation,
    private readonly announce: AnnounceRemediation,
    private readonly cache: Cache,
  ) {}

  async list(caller: ApiKey, query: WorkflowListQuery) {
    const { project, incident: incidentId, status, limit, cursor } = query;
    const projectIds = visibleProjects(caller, project);
    if (projectIds?.length === 0) return { items: [], nextCursor: null };
    const page = await this.workflows.list({ projectIds, incidentId, status }, limit, cursor ?? null);
    return { items: page.items.map(present), nextCursor: page.nextCursor };
  }

  /** @throws WorkflowNotFound */
  async detail(caller: ApiKey, id: string): Promise<WorkflowView> {
    const { value } = await this.cache.getOrLoad({ operation: 'workflows', id }, async () =>
      present(await this.workflows.get(id)),
    );
    if (!isVisible(caller, value)) throw new WorkflowNotFound(id);
    return value;
  }

  /** @throws IncidentNotFound, NotRemediable, WorkflowActive */
  async plan(caller: ApiKey, incidentId: string, kinds: readonly ActionKind[] | null): Promise<WorkflowView> {
    await this.assertIncident(caller, incidentId);
    return present(await this.planner.run(incidentId, kinds, { kind: 'person', name: caller.name }));
  }

  /** @throws IncidentNotFound, NotRemediable */
  async preview(
    caller: ApiKey,
    incidentId: string,
    kinds: readonly ActionKind[] | null,
  ): Promise<PreviewView> {
    await this.assertIncident(caller, incidentId);
    return { dryRun: true, steps: [...(await this.planner.preview(incidentId, kinds))] };
  }

  /** @throws WorkflowNotFound, IllegalWorkflowMove, IllegalTransition, RefusedByPolicy */
  async steer(caller: ApiKey, id: string, wanted: Steering, reason: string | null): Promise<WorkflowView> {
    await this.assertWorkflow(caller, id);
    return present(await this.steering.run(id, wanted, { kind: 'person', name: caller.name }, reason));
  }

  /** @throws WorkflowNotFound, IllegalWorkflowMove */
  async delete(caller: ApiKey, id: string): Promise<void> {
    const workflow = await this.assertWorkflow(caller, id);
    await this.workflows.delete(id);
    await this.announce.run({ ...workflow, status: 'cancelled' });
  }

  private async assertIncident(caller: ApiKey, id: string): Promise<void> {
    if (!isVisible(caller, await this.incidents.get(id))) throw new IncidentNotFound(id);
  }

  private async assertWorkflow(caller: ApiKey, id: string): Promise<RemediationWorkflow> {
    const workflow = await this.workflows.get(id);
    if (!isVisible(caller, workflow)) throw new WorkflowNotFound(id);
    return workflow;
  }
}

function isVisible(caller: ApiKey, { projectId }: { projectId: string }): boolean {
  return caller.projectIds === null || caller.projectIds.includes(projectId);
}

function present(workflow: RemediationWorkflow): WorkflowView {
  const { sequence: _, plannedFrom, verifyUntil, createdAt, updatedAt, ...shown } = workflow;
  return {
    ...shown,
    plannedFrom: plannedFrom && { ...plannedFrom, madeAt: plannedFrom.madeAt.toISOString() },
    verifyUntil: verifyUntil?.toISOString() ?? null,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}
