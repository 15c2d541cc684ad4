import { InvalidInput } from '@app/domain';
import { isUuid } from './uuid.js';

/** The last incident of a page: the next one goes on after it. */
export interface IncidentCursor {
  readonly openedAt: Date;
  readonly id: string;
}

export function encodeCursor({ openedAt, id }: IncidentCursor): string {
  return Buffer.from(`${openedAt.toISOString()} ${id}`).toString('base64url');
}

/** @throws InvalidInput */
export function decodeCursor(cursor: string): IncidentCursor {
  const [at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split(' ');
  const openedAt = new Date(at);
  if (Number.isNaN(openedAt.getTime()) || !isUuid(id)) {
    throw new InvalidInput('The cursor is not one that a list gave.', { cursor });
  }
  return { openedAt, id };
}

export function encodeTimeCursor(at: Date, id: string): string {
  return Buffer.from(`${at.toISOString()} ${id}`).toString('base64url');
}

/** @throws InvalidInput */
export function decodeTimeCursor(cursor: string): { at: Date; id: string } {
  const text = Buffer.from(cursor, 'base64url').toString();
  const at = new Date(text.slice(0, 24));
  const id = text.slice(25);
  if (Number.isNaN(at.getTime()) || id === '')
    throw new InvalidInput('The cursor is not one that a list gave.', { cursor });
  return { at, id };
}
