const grpc = require('@grpc/grpc-js');
const protoLoader = require('@grpc/proto-loader');

const { hello } = grpc.loadPackageDefinition(protoLoader.loadSync(`${__dirname}/hello.proto`));

const server = new grpc.Server();
server.addService(hello.Greeter.service, {
  sayHello: (call, callback) => callback(null, { message: `Hello ${call.request.name}`, pid: process.pid }),
});
server.bindAsync(`127.0.0.1:${process.env.PORT}`, grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
});
