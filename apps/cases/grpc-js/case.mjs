export default {
  title: 'grpc-js, a server and a client',
  group: 'Real time',
  packages: ['@grpc/grpc-js', '@grpc/proto-loader'],
  quick: true,
  script: 'app.cjs',
  ask: ({ port, require, folder }) => {
    const grpc = require('@grpc/grpc-js');
    const { hello } = grpc.loadPackageDefinition(require('@grpc/proto-loader').loadSync(`${folder}/hello.proto`));
    const options = { 'grpc.use_local_subchannel_pool': 1 };
    const client = new hello.Greeter(`127.0.0.1:${port}`, grpc.credentials.createInsecure(), options);
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + 10_000;
      client.sayHello({ name: 'ada' }, { deadline }, (error, answer) => (error ? reject(error) : resolve(answer)));
    }).finally(() => client.close());
  },
};
