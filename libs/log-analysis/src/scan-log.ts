import { UnreadableLog } from '@app/domain';
import { openSource, type LogSource } from './reader/byte-source.js';
import { Cooperation } from './reader/cooperation.js';
import { detectFormat, type LogFormat } from './reader/format.js';
import { LineReader } from './reader/line-reader.js';
import { LogScan, type LineObserver } from './log-scan.js';

export interface ScanOptions {
  readonly onText?: (chunk: string) => void | Promise<void>;
  readonly signal?: AbortSignal;
  /** Is shown the lines it wants in the same pass. */
  readonly observer?: LineObserver;
}

export interface ScannedLog {
  readonly scan: LogScan;
  readonly reader: LineReader;
  readonly format: LogFormat;
}

/**
 * One pass over a log, whatever it came as.
 * @throws UnreadableLog for empty and binary input, damaged archives and zip bombs; the signal's reason when aborted.
 */
export async function scanLog(source: LogSource, options: ScanOptions): Promise<ScannedLog> {
  const { parts, pieces } = await openSource(source);
  const cooperation = new Cooperation(options.signal);
  const { onText } = options;
  let scan: LogScan | null = null;
  let reader: LineReader | null = null;
  let format: LogFormat = 'plain';
  const handOn = async (text: string) => {
    if (onText && text !== '') await onText(text);
  };
  for await (const piece of pieces) {
    if (!scan || !reader) {
      format = parts ? 'gha-archive' : detectFormat(piece.toString('utf8'));
      scan = new LogScan(format, options.observer, parts ?? []);
      reader = new LineReader(scan.scanner, scan.hits, scan, onText !== undefined);
    }
    await handOn(reader.read(piece));
    await cooperation.pause();
  }
  if (!scan || !reader) throw new UnreadableLog('The log is empty.');
  await handOn(reader.finish());
  if (!scan.anyText) throw new UnreadableLog('The log is empty.', { bytes: reader.bytes });
  scan.tracker.end(scan.lines);
  return { scan, reader, format };
}
