export default {
  title: 'prom-client with its default metrics',
  group: 'Logging and measuring',
  packages: ['prom-client', 'express'],
  quick: true,
  // The names of the metrics; their values differ.
  ask: async ({ get }) => {
    const { status, type, body } = await get('/metrics');
    const names = body.match(/^# TYPE .*$/gm);
    return [{ status, type, names: names ?? body }, await get('/')];
  },
};
