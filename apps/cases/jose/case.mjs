import { request } from '../../harness/http.mjs';

export default {
  title: 'jose, a JWKS fetched before it listens',
  group: 'HTTP clients',
  packages: ['jose', 'express'],
  servers: ['web'],
  ask: async ({ get, servers }) => {
    const { body: token } = await request(servers.get('web').port, '/token');
    return [
      await get('/', { headers: { authorization: `Bearer ${token}` } }),
      await get('/', { headers: { authorization: 'Bearer x' } }),
    ];
  },
};
