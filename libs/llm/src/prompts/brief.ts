/** What a model is shown of its subject. */
export interface Brief {
  readonly text: string;
  /** The parts that were shortened, by title. */
  readonly cutParts: readonly string[];
}
