/** What the CI system knows of webhook deliveries that didn't arrive. */
export abstract class MissedDeliveries {
  /** As whom the product asks: nobody has so few calls that they are left for logs. */
  abstract identity(): Promise<'app' | 'token' | 'nobody'>;
  /**
   * Has deliveries sent again that failed since, each a few times at most; how many. 0 where deliveries aren't kept for us
   * (only a GitHub App's are).
   * @throws ExternalFailure
   */
  abstract redeliverFailed(since: Date): Promise<number>;
}
