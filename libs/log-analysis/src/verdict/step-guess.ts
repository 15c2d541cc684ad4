import type { FailureCategory } from '@app/domain';
import { type LogStep } from '../steps/step-tracker.js';

/** What a step's title or command says about failures in it that no rule recognised. Most specific first. */
const GUESSES: readonly (readonly [RegExp, FailureCategory])[] = [
  [
    /\b(?:lint|eslint|format|fmt|prettier|ruff|black|flake8|mypy|pylint|clippy|pre-commit|rubocop|checkstyle|analy[sz]e|audit|coverage|type.?check)/i,
    'quality',
  ],
  [/\b(?:deploy|release|publish|rollout|helm|kubectl|terraform apply|smoke|health)/i, 'runtime_deploy'],
  [/\b(?:e2e|tests?|spec|pytest|jest|vitest|ctest|check)\b/i, 'test_failure'],
  [/\b(?:install|npm ci|dependencies|restore|setup)/i, 'dependency'],
  [/\b(?:build|compile|make|assemble|package)/i, 'compile_error'],
  [/\b(?:login|auth|credentials)/i, 'auth_permission'],
  [/\b(?:checkout|git|merge|push)\b/i, 'vcs_platform'],
];

/** A guess from the step alone; null when its title says nothing. */
export function guessFromStep(step: LogStep | null): { category: FailureCategory; subcategory: null } | null {
  if (!step) return null;
  const text = `${step.name} ${step.command}`;
  const guess = GUESSES.find(([pattern]) => pattern.test(text));
  return guess ? { category: guess[1], subcategory: null } : null;
}
