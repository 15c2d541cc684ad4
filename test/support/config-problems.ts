import { InvalidConfiguration, loadConfig } from '@app/config';

/** What `loadConfig` finds wrong with these variables; empty when it takes them. */
export function problemsOf(variables: Record<string, string>): readonly string[] {
  try {
    loadConfig(variables);
  } catch (error) {
    if (error instanceof InvalidConfiguration) return error.problems;
    throw error;
  }
  return [];
}
