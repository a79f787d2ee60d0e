export default {
  title: 'passport-local with express-session in session-file-store',
  group: 'Web frameworks',
  packages: ['passport', 'passport-local', 'session-file-store', 'express-session', 'express'],
  ask: async ({ request }) => {
    const login = await request('/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'me', password: 'secret' }),
    });
    const cookie = login.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    const known = await request('/', { headers: { cookie } });
    return [login.body, known.body, (await request('/', {})).body];
  },
};
