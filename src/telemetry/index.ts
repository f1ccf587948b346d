// Job: the log, the metrics, the clock and chance of a real process.
// May import: model, ports.
// Never: know what the engine does with them.
export { createLog, type LogOptions } from './log.ts';
export { createMetrics, type MetricsRegistry } from './metrics.ts';
export { systemClock, systemRandom } from './time.ts';
export { zonedTime } from './zones.ts';
