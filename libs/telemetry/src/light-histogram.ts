import type { Metric } from 'prom-client';

/** The observations of one combination of labels. */
export class Observations {
  /** By bucket, each without those below it; the last is beyond all bounds. */
  readonly counts: number[];
  sum = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = Array.from({ length: bounds.length + 1 }, () => 0);
  }

  observe(value: number): void {
    let bucket = 0;
    while (bucket < this.bounds.length && value > this.bounds[bucket]!) bucket += 1;
    this.counts[bucket]! += 1;
    this.sum += value;
  }
}

export interface LightHistogramConfiguration<L extends string> {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly L[];
  /** Upper bounds, ascending. */
  readonly buckets: readonly number[];
}

interface Series<L extends string> {
  readonly labels: Readonly<Record<L, string>>;
  readonly observations: Observations;
}

/**
 * A histogram for what takes microseconds: an observation is two additions, since its series is looked up once by whoever
 * observes. (prom-client's own hashes the labels each time, which takes about as long as a hit in memory.)
 */
export class LightHistogram<L extends string> {
  readonly type = 'histogram';
  readonly aggregator = 'sum';
  readonly name: string;
  readonly help: string;
  private readonly all = new Map<string, Series<L>>();

  constructor(private readonly configuration: LightHistogramConfiguration<L>) {
    this.name = configuration.name;
    this.help = configuration.help;
  }

  /** The one series of these labels. */
  of(labels: Readonly<Record<L, string>>): Observations {
    const id = JSON.stringify(this.configuration.labelNames.map((name) => labels[name]));
    const known = this.all.get(id);
    if (known) return known.observations;
    const observations = new Observations(this.configuration.buckets);
    this.all.set(id, { labels, observations });
    return observations;
  }

  /** What a registry reads. */
  get(): ReturnType<Metric['get']> {
    const { name, help, type, aggregator } = this;
    const values = [...this.all.values()].flatMap((series) => this.valuesOf(series));
    return Promise.resolve({ name, help, type, aggregator, values }) as unknown as ReturnType<Metric['get']>;
  }

  private valuesOf({ labels, observations }: Series<L>): object[] {
    const { name } = this;
    let upTo = 0;
    const buckets = observations.counts.map((count, bucket) => {
      upTo += count;
      const le = this.configuration.buckets[bucket] ?? '+Inf';
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: upTo };
    });
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: observations.sum },
      { metricName: `${name}_count`, labels, value: upTo },
    ];
  }
}
