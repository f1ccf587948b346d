// Job: the HTTP edge of the engine.
// May import: model, ports, engine, contract, dialects, policy.
// Never: an effect room; a decision.
export { type ParsedWebhook, type RunningServer, type ServerParts, startServer } from './server.ts';
