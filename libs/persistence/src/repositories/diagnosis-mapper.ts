import type { Diagnosis } from '@app/domain';
import type { DiagnosisEntity } from '../entities/diagnosis.entity.js';

export function toDiagnosis(row: DiagnosisEntity): Diagnosis {
  return {
    id: row.id,
    projectId: row.projectId,
    patternId: row.patternId,
    incidentId: row.incidentId,
    analyst: row.analyst,
    source: row.source,
    state: row.state,
    classification: row.classification,
    rootCause: row.rootCause,
    solution: row.solution,
    validation: row.validation,
    costUsd: row.costUsd,
    modelCalls: row.modelCalls,
    createdAt: row.createdAt,
  };
}
