export default {
  title: 'kafkajs, whose broker is missing',
  group: 'Real time',
  packages: ['kafkajs'],
};
