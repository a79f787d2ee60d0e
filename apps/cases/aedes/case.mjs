export default {
  title: 'aedes, an MQTT broker',
  group: 'Real time',
  packages: ['aedes', 'mqtt'],
  // Each worker is a broker of its own, with its own heartbeat.
  allowed: [/^a timer of (60|240)000 ms, .* through aedes /],
  ask: async ({ port, require }) => {
    const client = await require('mqtt').connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
    try {
      const message = new Promise((resolve) => client.once('message', (_topic, payload) => resolve(String(payload))));
      await client.subscribeAsync('pid');
      return await message;
    } finally {
      await client.endAsync(true);
    }
  },
};
