export default {
  title: 'Node-RED, a flow that answers by HTTP',
  group: 'Web frameworks',
  packages: ['node-red'],
  script: '../../node_modules/node-red/red.js',
  args: ['--settings', 'settings.cjs'],
  // It listens before its flows are there.
  ask: async ({ get }) => {
    let answer = await get('/hello');
    for (let tries = 0; answer.status === 404 && tries < 100; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      answer = await get('/hello');
    }
    return answer;
  },
};
