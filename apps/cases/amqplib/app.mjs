// A question and its answer through the broker, with the client's own recovery.
import { randomUUID } from 'node:crypto';
import amqp from 'amqplib';
import express from 'express';

const waiting = new Map();
let channel;
let replyTo;

const connection = await amqp.connect(process.env.AMQP_URL, {
  recovery: {
    initialDelay: 200,
    maxRetries: Number.POSITIVE_INFINITY,
    async setup(model) {
      channel = await model.createChannel();
      channel.on('error', (error) => console.error('Channel error:', error.message));
      await channel.assertQueue('tasks');
      await channel.consume('tasks', work);
      ({ queue: replyTo } = await channel.assertQueue('', { exclusive: true }));
      await channel.consume(replyTo, (message) => waiting.get(message?.properties.correlationId)?.(message), {
        noAck: true,
      });
    },
  },
});
connection.on('error', (error) => console.error('Connection error:', error.message));

function work(message) {
  if (message === null) return;
  const { replyTo, correlationId } = message.properties;
  channel.sendToQueue(replyTo, Buffer.from(message.content.toString().toUpperCase()), { correlationId });
  channel.ack(message);
}

const app = express();
app.get('/', async (_request, response) => {
  const correlationId = randomUUID();
  channel.sendToQueue('tasks', Buffer.from('something to do'), { replyTo, correlationId });
  const answer = new Promise((resolve, reject) => {
    waiting.set(correlationId, resolve);
    setTimeout(reject, 2_000, new Error('no answer')).unref();
  });
  response.json({ answer: (await answer).content.toString(), pid: process.pid });
});
app.listen(process.env.PORT);
