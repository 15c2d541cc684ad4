/** What must be told that something changed, after it was committed, so that nobody is shown the state before. */
export abstract class Invalidations {
  /** Incidents were opened, diagnosed or moved. Returns at once: many changes are told as one, once a second at most. */
  abstract incidentsChanged(): void;
  /**
   * A resolution was verified, a person judged a diagnosis, or a document came or went: what is found beside a failure
   * is another now.
   */
  abstract examplesChanged(): Promise<void>;
}
