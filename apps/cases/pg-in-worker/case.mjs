export default {
  title: 'pg, a Client that a Worker connects before the app listens, over comlink',
  group: 'Threads of the app',
  packages: ['pg', 'comlink'],
  servers: ['postgres'],
};
