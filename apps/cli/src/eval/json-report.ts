import { logLines, type Judgement } from '@app/log-analysis';
import type { Column, Evaluation } from './evaluation.js';

/** `eval --json`: all figures unrounded, shares from 0 to 1, null where there is nothing to take a share of. */
export function jsonReport(evaluation: Evaluation): Record<string, unknown> {
  const { given, tight, calibration, fitted, speed, unreadable } = evaluation;
  return { given: columnReport(given), tight: columnReport(tight), calibration, fitted, speed, unreadable };
}

function columnReport({ misses, ...figures }: Column): Record<string, unknown> {
  return { ...figures, misses: misses.map(missReport) };
}

function missReport(miss: Judgement): Record<string, unknown> {
  const { row, prediction, labels, missing, lenient, strict, primary, excerpt } = miss;
  return {
    file: row.file,
    format: row.format,
    category: row.category,
    predicted: prediction?.category ?? null,
    failed: prediction?.failed ?? false,
    lines: logLines(miss),
    excerpt,
    lenient,
    strict,
    primaryHit: primary,
    missing,
    labels,
    primary: prediction?.primary ?? null,
  };
}
