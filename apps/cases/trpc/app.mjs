import { initTRPC } from '@trpc/server';
import { createHTTPServer } from '@trpc/server/adapters/standalone';

const t = initTRPC.create();
const router = t.router({
  pid: t.procedure.query(() => process.pid),
  greet: t.procedure.input((value) => `${value}`).query(({ input }) => `hello ${input}`),
});
createHTTPServer({ router }).listen(process.env.PORT);
