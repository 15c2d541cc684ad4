import { ProjectNotFound, repositoryName, type Erased, type ProjectEraser } from '@app/domain';
import { deleteChannel, deleteIncidents, deletePattern } from './delete-rows.js';
import type { MemoryStore } from './store.js';

export class InMemoryProjectEraser implements ProjectEraser {
  constructor(private readonly store: MemoryStore) {}

  async erase(projectId: string): Promise<Erased> {
    const { store } = this;
    const project = store.projects.get(projectId);
    if (!project) throw new ProjectNotFound(projectId);
    const rows: Record<string, number> = { projects: 1 };
    const count = (table: string, found: number): void => {
      if (found > 0) rows[table] = found;
    };
    const isOwn = (row: { projectId: string | null }) => row.projectId === projectId;
    const incidents = new Set([...store.incidents.values()].filter(isOwn).map(({ id }) => id));
    const jobs = [...store.backgroundJobs.values()].filter(isOwn).map(({ id }) => id);
    const name = repositoryName(project.repository).toLowerCase();
    const deliveries = [...store.deliveries].filter(
      ([
        ,
        {
          delivery: { repository },
          projectId: owner,
        },
      ]) => owner === projectId || (repository && repositoryName(repository).toLowerCase() === name),
    );
    count('incidents', incidents.size);
    count('deliveries', deliveries.length);
    for (const [id] of deliveries) store.deliveries.delete(id);
    const subjects = new Set([...incidents, ...jobs, ...deliveries.map(([id]) => id)]);
    for (const [id, { subject }] of store.failedJobs) if (subjects.has(subject)) store.failedJobs.delete(id);
    deleteIncidents(store, incidents);
    const patterns = [...store.patterns.values()].filter(isOwn);
    count('patterns', patterns.length);
    for (const { id } of patterns) deletePattern(store, id);
    for (const { id } of [...store.channels.values()].filter(isOwn)) deleteChannel(store, id);
    const documents = [...store.documents.values()].filter(isOwn);
    count('documents', documents.length);
    for (const { id } of documents) {
      store.documents.delete(id);
      store.passages.delete(id);
    }
    for (const id of jobs) store.backgroundJobs.delete(id);
    const usage = store.usage.filter(isOwn);
    count('usage_ledger', usage.length);
    for (const entry of usage) store.usage.splice(store.usage.indexOf(entry), 1);
    for (const [id, action] of store.actions) if (isOwn(action)) store.actions.delete(id);
    for (const secret of store.webhookSecrets.filter(isOwn))
      store.webhookSecrets.splice(store.webhookSecrets.indexOf(secret), 1);
    for (const table of [store.modelPolicies, store.actionPolicies, store.retention, store.projects])
      table.delete(projectId);
    for (const table of [store.runs, store.runAttempts, store.jobAttempts, store.runDays, store.pulls])
      forgetKeys(table, `${projectId}/`);
    forgetKeys(store.pullHeads, `${projectId}/`);
    forgetKeys(store.actionUse, `${projectId} `);
    forgetKeys(store.budgetUse, `project:${projectId} `);
    for (const key of store.apiKeys.values())
      key.projectIds = key.projectIds?.filter((id) => id !== projectId) ?? null;
    return { project, rows };
  }
}

function forgetKeys(table: Map<string, unknown>, start: string): void {
  for (const key of table.keys()) if (key.startsWith(start)) table.delete(key);
}
