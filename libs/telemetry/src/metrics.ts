import {
  collectDefaultMetrics,
  Counter,
  Histogram,
  Registry,
  type CounterConfiguration,
  type HistogramConfiguration,
} from 'prom-client';

/** One Prometheus registry a process. Metrics are made where they are used and looked up by name. */
export class Metrics {
  readonly registry = new Registry();

  /** Event-loop, memory and CPU figures of the process. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }

  counter<L extends string>(configuration: Omit<CounterConfiguration<L>, 'registers'>): Counter<L> {
    return (
      (this.registry.getSingleMetric(configuration.name) as Counter<L> | undefined) ??
      new Counter({ ...configuration, registers: [this.registry] })
    );
  }

  histogram<L extends string>(configuration: Omit<HistogramConfiguration<L>, 'registers'>): Histogram<L> {
    return (
      (this.registry.getSingleMetric(configuration.name) as Histogram<L> | undefined) ??
      new Histogram({ ...configuration, registers: [this.registry] })
    );
  }
}
