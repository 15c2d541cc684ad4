import type { FailureCategory } from '@app/domain';
import { type LogStep } from '../steps/step-tracker.js';

/** What a step's title or command says about failures in it that no rule recognised. Most specific first. */
const GUESSES: readonly (readonly [RegExp, FailureCategory])[] = [
  [
    /\b(?:\w{0,20}lint|lint\w{0,10}|format|fmt|prettier|ruff|black|flake8|mypy|clippy|pre-commit|rubocop|checkstyle|analy[sz]e|audit|coverage|type.?check|(?:go|shell|type|hado|licen[cs]e|spell|link|vuln\w{0,10})-?check|gofmt|shfmt|docformatter|staticcheck|typos|knip|danger|trivy|grype|snyk|semgrep|sonar\w{0,10}|codeql|gitleaks|trufflehog|bandit|dialyzer|credo|psalm|phpstan|phpcs|pint|biome|licen[cs]es?|git diff)\b|--check\b/i,
    'quality',
  ],
  [
    /\b(?:deploy|release|publish|rollout|helm|kubectl|(?:terraform|tofu) apply|pulumi|serverless|wrangler|vercel|netlify|flyctl|rsync|scp|smoke|health|(?:docker|gem|nuget) push)/i,
    'runtime_deploy',
  ],
  [/\b(?:e2e|tests?|spec|pytest|jest|vitest|ctest|check)\b/i, 'test_failure'],
  [/\b(?:install|npm ci|dependencies|restore|setup)/i, 'dependency'],
  [/\b(?:build|compile|make|assemble|package)/i, 'compile_error'],
  [/\b(?:login|auth|credentials)/i, 'auth_permission'],
  [/\b(?:checkout|git|merge|push)\b/i, 'vcs_platform'],
];

/** What a command is told to leave out says nothing of what it does. */
const LEFT_OUT = /(?<=\s)(?:-x|--(?:exclude|ignore|skip|without)(?:-\w{1,20})?)[ =]\S{1,200}/g;

/** A guess from the step alone; null when its title says nothing. */
export function guessFromStep(step: LogStep | null): { category: FailureCategory; subcategory: null } | null {
  if (!step) return null;
  const text = `${step.name} ${step.command}`.replace(LEFT_OUT, '');
  const guess = GUESSES.find(([pattern]) => pattern.test(text));
  return guess ? { category: guess[1], subcategory: null } : null;
}
