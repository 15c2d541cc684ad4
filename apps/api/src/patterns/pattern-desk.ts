import {
  Cache,
  PatternCatalog,
  PatternNotFound,
  type ApiKey,
  type Page,
  type PatternSummary,
} from '@app/domain';
import { FindMergeCandidates } from '@app/pipeline';
import { Injectable } from '@nestjs/common';
import { presentAcrossProjects, presentPatternDetail } from './pattern.presenter.js';
import type {
  PatternAcrossProjectsView,
  PatternChange,
  PatternListQuery,
  PatternMerge,
  PatternUnmerge,
} from './pattern.schemas.js';

const SHOWN_FIXES = 5;

/** Patterns as one caller may see and change them: outside its projects nothing exists. */
@Injectable()
export class PatternDesk {
  constructor(
    private readonly catalog: PatternCatalog,
    private readonly candidates: FindMergeCandidates,
    private readonly cache: Cache,
  ) {}

  async list(caller: ApiKey, query: PatternListQuery): Promise<Page<PatternSummary>> {
    const { project, limit, cursor, ...filter } = query;
    const projectIds = visible(caller, project);
    if (projectIds?.length === 0) return { items: [], nextCursor: null };
    return this.catalog.list({ ...filter, projectIds }, limit, cursor ?? null);
  }

  /** @throws PatternNotFound */
  async detail(caller: ApiKey, fingerprint: string, project?: string): Promise<PatternAcrossProjectsView> {
    const found = await this.find(caller, fingerprint, project);
    const patterns = await Promise.all(
      found.map(async (pattern) => {
        const [fixes, candidates, history] = await Promise.all([
          this.catalog.likelyFixes(pattern.id, SHOWN_FIXES),
          this.candidates.run(pattern),
          this.catalog.history(pattern.id),
        ]);
        return presentPatternDetail({ pattern, fixes, candidates, history });
      }),
    );
    return presentAcrossProjects(found[0]!.fingerprint, patterns);
  }

  /** @throws PatternNotFound */
  async change(
    caller: ApiKey,
    fingerprint: string,
    change: PatternChange,
  ): Promise<PatternAcrossProjectsView> {
    const found = await this.find(caller, fingerprint, change.project);
    const { muted, reason } = change;
    for (const { id } of found) await this.catalog.setMuted(id, { muted, reason, by: caller.name });
    return this.detail(caller, fingerprint, change.project);
  }

  /** @throws PatternNotFound, InvalidInput */
  async merge(caller: ApiKey, { project, source, target }: PatternMerge): Promise<PatternAcrossProjectsView> {
    this.assertVisible(caller, project, source);
    await this.catalog.merge(project, { source, target, by: caller.name });
    await this.forget(project, [source, target]);
    return this.detail(caller, target, project);
  }

  /** @throws PatternNotFound */
  async unmerge(
    caller: ApiKey,
    { project, fingerprint }: PatternUnmerge,
  ): Promise<PatternAcrossProjectsView> {
    this.assertVisible(caller, project, fingerprint);
    const target = await this.catalog.unmerge(project, { fingerprint, by: caller.name });
    await this.forget(project, [fingerprint, target.fingerprint]);
    return this.detail(caller, fingerprint, project);
  }

  private async find(
    caller: ApiKey,
    fingerprint: string,
    project: string | undefined,
  ): Promise<readonly PatternSummary[]> {
    const found = await this.catalog.withFingerprint(fingerprint, visible(caller, project));
    if (found.length === 0) throw new PatternNotFound(fingerprint);
    return found;
  }

  private assertVisible(caller: ApiKey, project: string, fingerprint: string): void {
    if (visible(caller, project)?.length === 0) throw new PatternNotFound(fingerprint);
  }

  /** Hot copies of diagnoses are known by their fingerprints; lists and figures show fingerprints. */
  private async forget(projectId: string, fingerprints: readonly string[]): Promise<void> {
    for (const fingerprint of fingerprints) {
      await this.cache.delete({ operation: 'project', scope: projectId, id: `analysis:${fingerprint}` });
    }
    for (const operation of ['facets', 'search', 'stats', 'analytics'] as const) {
      await this.cache.deleteByPattern(operation, '*');
    }
  }
}

/** Undefined = every project. */
function visible(caller: ApiKey, asked: string | undefined): readonly string[] | undefined {
  if (asked === undefined) return caller.projectIds ?? undefined;
  return caller.projectIds === null || caller.projectIds.includes(asked) ? [asked] : [];
}
