import { createServer } from 'node:net';
import { Aedes } from 'aedes';

const broker = await Aedes.createBroker();
broker.on('subscribe', (subscriptions, client) => {
  client.publish({ topic: subscriptions[0].topic, payload: `from ${process.pid}`, qos: 0 }, () => {});
});
createServer(broker.handle).listen(process.env.PORT);
