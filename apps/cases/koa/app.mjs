import Router from '@koa/router';
import Koa from 'koa';

const router = new Router();
router.get('/', (ctx) => {
  ctx.body = { pid: process.pid };
});
router.get('/users/:id', (ctx) => {
  ctx.body = `user ${ctx.params.id}`;
});

const app = new Koa();
app.use(async (ctx, next) => {
  ctx.set('x-powered-by', 'koa');
  await next();
});
app.use(router.routes()).use(router.allowedMethods());
app.listen(process.env.PORT);
