import type { IncidentFilter } from '@app/domain';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { storableText } from '../storable.js';
import { isUuid } from './uuid.js';

/** Narrows a query over incidents or counts of them, aliased `incident`, to what the filter lets through. */
export function applyFilter<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  filter: IncidentFilter,
): SelectQueryBuilder<Row> {
  const oneOf = (column: string, name: string, values: readonly string[] | undefined): void => {
    if (!values) return;
    // An index that is read in the order of the list can tell one value by itself, of several it can't.
    if (values.length === 1) query.andWhere(`incident.${column} = :${name}`, { [name]: values[0] });
    else query.andWhere(`incident.${column} = ANY (:${name})`, { [name]: [...values] });
  };
  oneOf('projectId', 'projectIds', filter.projectIds?.filter(isUuid));
  oneOf('status', 'statuses', filter.status);
  oneOf('category', 'categories', filter.category);
  oneOf('severity', 'severities', filter.severity);
  oneOf('determinism', 'determinisms', filter.determinism);
  if (filter.branch !== undefined)
    query.andWhere('incident.branch = :branch', { branch: storableText(filter.branch) });
  if (filter.headSha !== undefined)
    query.andWhere('incident.headSha = :headSha', { headSha: storableText(filter.headSha) });
  if (filter.fingerprint !== undefined) {
    query.andWhere('incident.fingerprint = :fingerprint', { fingerprint: storableText(filter.fingerprint) });
  }
  if (filter.from) query.andWhere('incident.openedAt >= :from', { from: filter.from });
  if (filter.to) query.andWhere('incident.openedAt < :to', { to: filter.to });
  const words = filter.text === undefined ? '' : searchQueryOf(filter.text);
  if (words !== '') query.andWhere(`incident.search @@ to_tsquery('simple', :words)`, { words });
  return query;
}

/** A tsquery for which every word of the text must begin a word of the incident; empty for a text without words. */
export function searchQueryOf(text: string): string {
  return storableText(text)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => `${word}:*`)
    .join(' & ');
}
