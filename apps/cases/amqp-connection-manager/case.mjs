export default {
  title: 'amqp-connection-manager, connected before it listens',
  group: 'RabbitMQ',
  packages: ['amqp-connection-manager'],
  servers: ['rabbitmq'],
};
