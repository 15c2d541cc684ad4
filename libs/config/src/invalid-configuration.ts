/** The configuration is wrong: names every variable, what it holds (never secrets) and what is expected. */
export class InvalidConfiguration extends Error {
  readonly code = 'invalid_configuration';
  constructor(readonly problems: readonly string[]) {
    super(`The configuration can't be used:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.name = 'InvalidConfiguration';
  }
}
