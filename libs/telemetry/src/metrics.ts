import {
  collectDefaultMetrics,
  Counter,
  Histogram,
  Registry,
  type CounterConfiguration,
  type HistogramConfiguration,
  type Metric,
} from 'prom-client';
import { LightHistogram, type LightHistogramConfiguration } from './light-histogram.js';

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

  /** For what happens too often, and too quickly, for `histogram`. */
  lightHistogram<L extends string>(configuration: LightHistogramConfiguration<L>): LightHistogram<L> {
    const known: unknown = this.registry.getSingleMetric(configuration.name);
    if (known !== undefined) return known as LightHistogram<L>;
    const histogram = new LightHistogram(configuration);
    this.registry.registerMetric(histogram as unknown as Metric);
    return histogram;
  }
}
