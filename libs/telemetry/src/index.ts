export { PinoLog } from './pino-log.js';
export { SystemClock } from './system-clock.js';
export { LightHistogram, Observations } from './light-histogram.js';
export { Metrics } from './metrics.js';
