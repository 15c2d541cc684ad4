import { UnreadableLog } from '@app/domain';
import {
  analyzeLog,
  breakdown,
  byCategory,
  byFormat,
  byLength,
  calibrationOf,
  codePoints,
  crossValidate,
  fitConfidence,
  judge,
  scoresOf,
  worstMisses,
  type BreakdownRow,
  type Calibration,
  type CalibrationSample,
  type Certainty,
  type ConfidenceModel,
  type Judgement,
  type JudgeLimits,
  type Prediction,
  type Scores,
} from '@app/log-analysis';
import type { LabelledLog } from './read-manifest.js';

/** The second, smaller excerpt that every evaluation scores too. */
export const TIGHT_LIMITS: JudgeLimits = { maxLines: 40, maxChars: 4_000 };

/** The scores of one size of excerpt. */
export interface Column {
  readonly limits: JudgeLimits;
  readonly scores: Scores;
  readonly byCategory: readonly BreakdownRow[];
  readonly byFormat: readonly BreakdownRow[];
  readonly byLength: readonly BreakdownRow[];
  readonly misses: readonly Judgement[];
}

export interface Evaluation {
  readonly given: Column;
  readonly tight: Column;
  /** Of every verdict of a failure. */
  readonly calibration: Calibration;
  readonly fitted: { readonly model: ConfidenceModel; readonly crossValidated: Calibration } | null;
  readonly speed: Speed;
  /** Logs that the analysis refused, with its words. */
  readonly unreadable: readonly { readonly file: string; readonly reason: string }[];
}

/** Megabytes a second of the whole analysis, redaction included; null without such logs. */
export interface Speed {
  readonly mbPerS: number | null;
  /** Over logs of more than a megabyte. */
  readonly longLogsMbPerS: number | null;
}

export interface EvaluationOptions {
  readonly limits: JudgeLimits;
  /** How many of the worst misses to keep. */
  readonly misses: number;
  readonly calibrate: boolean;
}

/** Analyses every log twice, for the excerpt as given and the tight one, and holds both against the labels. */
export async function evaluate(
  logs: readonly LabelledLog[],
  options: EvaluationOptions,
): Promise<Evaluation> {
  const given: Judgement[] = [];
  const tight: Judgement[] = [];
  const samples: CalibrationSample[] = [];
  const unreadable: { file: string; reason: string }[] = [];
  for (const { row, read } of logs) {
    const bytes = await read();
    try {
      const { prediction, certainty } = await predict(bytes, options.limits);
      given.push(judge(row, prediction, options.limits));
      tight.push(judge(row, (await predict(bytes, TIGHT_LIMITS)).prediction, TIGHT_LIMITS));
      if (prediction.failed) {
        const right = prediction.category === row.category;
        samples.push({ unit: row.group ?? row.file, certainty, right });
      }
    } catch (error) {
      // what can't be read is nothing found: it counts against the analysis
      if (!(error instanceof UnreadableLog)) throw error;
      unreadable.push({ file: row.file, reason: error.message });
      given.push(judge(row, null, options.limits));
      tight.push(judge(row, null, TIGHT_LIMITS));
    }
  }
  return {
    given: column(given, options.limits, options.misses),
    tight: column(tight, TIGHT_LIMITS, options.misses),
    calibration: calibrationOf(
      given.flatMap(({ prediction, categoryRight }) =>
        prediction?.failed ? [{ confidence: prediction.confidence, right: categoryRight }] : [],
      ),
    ),
    fitted: options.calibrate
      ? { model: fitConfidence(samples), crossValidated: crossValidate(samples) }
      : null,
    speed: speedOf(given),
    unreadable,
  };
}

async function predict(
  bytes: Buffer,
  limits: JudgeLimits,
): Promise<{ prediction: Prediction; certainty: Certainty }> {
  const startedAt = performance.now();
  const analysis = await analyzeLog(bytes, limits);
  const ms = performance.now() - startedAt;
  const { failed, verdict, certainty, excerpt, primary, fingerprint, lines } = analysis;
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  return {
    certainty,
    prediction: {
      failed,
      category: failed ? verdict.category : null,
      confidence: verdict.confidence,
      excerpt,
      primary: primary?.text ?? null,
      fingerprint: failed ? fingerprint : null,
      ms,
      log: { lines, chars: codePoints(text), bytes: bytes.length },
    },
  };
}

function column(judgements: readonly Judgement[], limits: JudgeLimits, misses: number): Column {
  return {
    limits,
    scores: scoresOf(judgements),
    byCategory: breakdown(judgements, byCategory),
    byFormat: breakdown(judgements, byFormat),
    byLength: breakdown(judgements, byLength),
    misses: worstMisses(judgements, misses),
  };
}

const MB = 1_000_000;

function speedOf(judgements: readonly Judgement[]): Speed {
  const speed = (minBytes: number) => {
    const timed = judgements.flatMap(({ prediction }) =>
      prediction && prediction.log.bytes > minBytes ? [prediction] : [],
    );
    const ms = timed.reduce((sum, prediction) => sum + prediction.ms, 0);
    return ms === 0 ? null : timed.reduce((sum, { log }) => sum + log.bytes, 0) / MB / (ms / 1_000);
  };
  return { mbPerS: speed(0), longLogsMbPerS: speed(MB) };
}
