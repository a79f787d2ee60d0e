import { register } from 'node:module';
import { getNodeAutoInstrumentations } from '@opentelemetry/auto-instrumentations-node';
import { NodeSDK, tracing } from '@opentelemetry/sdk-node';

register('@opentelemetry/instrumentation/hook.mjs', import.meta.url);

globalThis.exporter = new tracing.InMemorySpanExporter();
const sdk = new NodeSDK({
  serviceName: 'dice-server',
  spanProcessors: [new tracing.SimpleSpanProcessor(globalThis.exporter)],
  instrumentations: [getNodeAutoInstrumentations()],
});
sdk.start();
