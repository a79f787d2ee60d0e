import express from 'express';

const app = express();
app.use(express.json());
app.use('/files', express.static('public'));
app.get('/', (_request, response) => response.json({ pid: process.pid }));
app.post('/echo', (request, response) => response.json(request.body));
app.get('/broken', () => {
  throw new Error('BROKEN');
});
app.use((error, _request, response, _next) => response.status(500).send(`Something broke: ${error.message}`));
app.listen(process.env.PORT);
