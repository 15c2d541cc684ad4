export { PinoLog } from './pino-log.js';
export { SystemClock } from './system-clock.js';
export { Metrics } from './metrics.js';
