export default {
  title: 'connect-redis with express-session',
  group: 'Redis',
  packages: ['connect-redis', 'express-session', 'redis', 'express'],
  servers: ['redis'],
  quick: true,
  // A session that one worker began goes on in the others.
  ask: async ({ request }) => {
    const first = await request('/');
    const cookie = first.headers['set-cookie'][0].split(';')[0];
    const bodies = [first.body];
    for (let i = 0; i < 3; i++) bodies.push((await request('/', { headers: { cookie } })).body);
    return bodies;
  },
};
