const { ServiceBroker } = require('moleculer');
const ApiService = require('moleculer-web');

const broker = new ServiceBroker({ logger: { type: 'Console', options: { level: 'warn' } } });
broker.createService({
  name: 'greeter',
  actions: {
    hello: (context) => ({ hello: context.params.name, pid: process.pid }),
  },
});
broker.createService({
  name: 'api',
  mixins: [ApiService],
  settings: { port: process.env.PORT, routes: [{ path: '/', aliases: { 'GET hello/:name': 'greeter.hello' } }] },
});
broker.start();
