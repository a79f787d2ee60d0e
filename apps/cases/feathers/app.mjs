import { feathers } from '@feathersjs/feathers';
import { bodyParser, errorHandler, koa, rest } from '@feathersjs/koa';

class Messages {
  async find() {
    return [{ text: 'hello', pid: process.pid }];
  }
}

const app = koa(feathers());
app.use(errorHandler());
app.use(bodyParser());
app.configure(rest());
app.use('messages', new Messages());
app.service('messages').hooks({ after: { find: [async (context) => context] } });
await app.listen(process.env.PORT);
