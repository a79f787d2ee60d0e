import { createServer } from 'node:http';
import { Kafka, logLevel } from 'kafkajs';

// No broker is there: the app serves without it, and goes on trying.
const kafka = new Kafka({
  brokers: ['127.0.0.1:1'],
  logLevel: logLevel.NOTHING,
  retry: { retries: 1, initialRetryTime: 50 },
});
const producer = kafka.producer();
let state = 'connecting';
producer.connect().catch((error) => {
  state = error.name;
});
createServer(async (_request, response) => {
  while (state === 'connecting') await new Promise((resolve) => setTimeout(resolve, 20));
  response.end(JSON.stringify({ state, pid: process.pid }));
}).listen(process.env.PORT);
