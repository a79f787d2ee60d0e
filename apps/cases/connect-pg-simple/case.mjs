export default {
  title: 'connect-pg-simple with express-session',
  group: 'PostgreSQL',
  packages: ['connect-pg-simple', 'express-session', 'pg', 'express'],
  servers: ['postgres'],
  ask: async ({ request }) => {
    const first = await request('/', {});
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const second = await request('/', { headers: { cookie } });
    return [first.body, second.body];
  },
};
