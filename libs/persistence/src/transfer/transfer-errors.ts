import { DomainError } from '@app/domain';

/** A backup that can't be read back: damaged, cut off, or of another version. Nothing was changed. */
export class BackupUnusable extends DomainError {
  readonly code: 'backup_damaged' | 'backup_of_other_version';
  constructor(message: string, code: 'backup_damaged' | 'backup_of_other_version', options?: ErrorOptions) {
    super(message, {}, options);
    this.code = code;
  }
}

/** The database that was to be filled holds something already. Nothing was changed. */
export class TargetNotEmpty extends DomainError {
  readonly code = 'target_not_empty';
  constructor(table: string, rows: number) {
    super(
      `The database to fill is not empty: ${table} has ${rows} rows. Name an empty one; what is there is not touched.`,
      { table, rows },
    );
  }
}

/** What was written is not what was read. Nothing was kept of it. */
export class TransferMismatch extends DomainError {
  readonly code = 'transfer_mismatch';
  constructor(table: string, detail: string) {
    super(`${table} is not the same after copying: ${detail}. Nothing was changed.`, { table });
  }
}
