const { Sails } = require('sails');

const app = new Sails();
app.lift(
  {
    port: Number(process.env.PORT),
    environment: 'development',
    hooks: { grunt: false, session: false },
    log: { level: 'warn' },
    routes: { 'GET /': (_request, response) => response.json({ pid: process.pid }) },
  },
  (error) => {
    if (error) throw error;
  },
);
process.on('SIGTERM', () => app.lower(() => process.exit()));
