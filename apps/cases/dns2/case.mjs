import { Resolver } from 'node:dns/promises';

export default {
  title: 'dns2, a server over UDP',
  group: 'Real time',
  packages: ['dns2'],
  // The new generation binds the port that the present one still has.
  expected: { outcome: 'fails', message: /^reload: .*the app failed to load/ },
  remedy: { text: "`udp: { type: { type: 'udp4', reuseAddr: true } }`", variant: { env: { REUSE_ADDRESS: '1' } } },
  // The workers share the socket, and each datagram is one worker's.
  allowed: [/^fd \d+ is a datagram socket/],
  ask: async ({ port, get }) => {
    const resolver = new Resolver({ timeout: 2000, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    return [await get('/'), await resolver.resolve4('example.com')];
  },
};
