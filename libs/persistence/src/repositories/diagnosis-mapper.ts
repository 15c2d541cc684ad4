import type { Diagnosis } from '@app/domain';
import type { DiagnosisEntity } from '../entities/diagnosis.entity.js';

/** Fields that answers of earlier versions didn't have. */
const EARLIER = {
  classification: { keyLines: [] },
  rootCause: { errorChain: [] },
  solution: { configurationChanges: [] },
  validation: { alternatives: [] },
} as const;

export function toDiagnosis(row: DiagnosisEntity): Diagnosis {
  return {
    id: row.id,
    projectId: row.projectId,
    patternId: row.patternId,
    incidentId: row.incidentId,
    analyst: row.analyst,
    source: row.source,
    state: row.state,
    fallbackReason: row.fallbackReason,
    classification: { ...EARLIER.classification, ...row.classification },
    rootCause: { ...EARLIER.rootCause, ...row.rootCause },
    solution: { ...EARLIER.solution, ...row.solution },
    validation: row.validation && { ...EARLIER.validation, ...row.validation },
    costUsd: row.costUsd,
    modelCalls: row.modelCalls,
    createdAt: row.createdAt,
  };
}
