import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const app = new Hono();
app.get('/', (c) => c.json({ pid: process.pid }));
app.get('/posts/:id', (c) => c.text(`post ${c.req.param('id')}`));
serve({ fetch: app.fetch, port: Number(process.env.PORT) });
