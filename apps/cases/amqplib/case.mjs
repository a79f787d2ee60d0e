export default {
  title: 'amqplib, a channel opened before it listens',
  group: 'RabbitMQ',
  packages: ['amqplib', 'express'],
  servers: ['rabbitmq'],
  quick: true,
};
