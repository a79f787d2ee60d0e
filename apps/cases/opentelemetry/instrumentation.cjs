const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node');
const { NodeSDK, tracing } = require('@opentelemetry/sdk-node');

const exporter = new tracing.InMemorySpanExporter();
globalThis.exporter = exporter;
const sdk = new NodeSDK({
  serviceName: 'dice-server',
  spanProcessors: [new tracing.SimpleSpanProcessor(exporter)],
  instrumentations: [getNodeAutoInstrumentations()],
});
sdk.start();
