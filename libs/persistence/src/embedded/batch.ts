import { GOES_FIRST } from '../goes-first.js';
import type { Subscription } from './statement-rules.js';

/**
 * Messages of one client that are run together: they end with the message after which a client waits for an answer
 * (Query, Sync, Flush or FunctionCall).
 */
export interface Batch {
  readonly bytes: Buffer;
  readonly endsWith: string;
  /** A simple query drops the unnamed prepared statement. */
  readonly hasSimpleQuery: boolean;
  /** Binds or describes the unnamed statement without having parsed it in this batch. */
  readonly usesEarlierUnnamed: boolean;
  /** The last Parse of the unnamed statement, to be repeated should another client's have replaced it. */
  readonly unnamedParse: Buffer | null;
  readonly subscriptions: readonly Subscription[];
  readonly mayChangeSettings: boolean;
  /** One of its statements is marked with GOES_FIRST. */
  readonly goesFirst: boolean;
  /** The text of its last statement; empty when it has none. */
  readonly sql: string;
}

/** Gathers a client's messages until a batch is whole. */
export class BatchBuilder {
  private messages: Buffer[] = [];
  private hasSimpleQuery = false;
  private usesEarlierUnnamed = false;
  private unnamedParse: Buffer | null = null;
  private subscriptions: Subscription[] = [];
  private mayChangeSettings = false;
  private goesFirst = false;
  private sql = '';

  add(message: Buffer): void {
    this.messages.push(message);
  }

  addSimpleQuery(message: Buffer): void {
    this.hasSimpleQuery = true;
    this.add(message);
  }

  addUnnamedParse(message: Buffer): void {
    this.unnamedParse = message;
    this.add(message);
  }

  usedUnnamed(): void {
    if (this.unnamedParse === null) this.usesEarlierUnnamed = true;
  }

  sawStatement(rules: { mayChangeSettings: boolean; subscriptions: readonly Subscription[] }): void {
    this.mayChangeSettings ||= rules.mayChangeSettings;
    this.subscriptions.push(...rules.subscriptions);
  }

  /** A statement of this text is parsed or bound. */
  sawText(sql: string): void {
    this.sql = sql;
    this.goesFirst ||= sql.endsWith(GOES_FIRST);
  }

  finish(endsWith: string): Batch {
    const batch: Batch = {
      bytes: Buffer.concat(this.messages),
      endsWith,
      hasSimpleQuery: this.hasSimpleQuery,
      usesEarlierUnnamed: this.usesEarlierUnnamed,
      unnamedParse: this.unnamedParse,
      subscriptions: this.subscriptions,
      mayChangeSettings: this.mayChangeSettings,
      goesFirst: this.goesFirst,
      sql: this.sql,
    };
    this.messages = [];
    this.hasSimpleQuery = false;
    this.usesEarlierUnnamed = false;
    this.unnamedParse = null;
    this.subscriptions = [];
    this.mayChangeSettings = false;
    this.goesFirst = false;
    this.sql = '';
    return batch;
  }
}
