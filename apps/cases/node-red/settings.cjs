module.exports = {
  uiPort: process.env.PORT,
  uiHost: '127.0.0.1',
  userDir: process.env.DATA,
  flowFile: `${__dirname}/flows.json`,
  httpAdminRoot: false,
  functionGlobalContext: { process },
  logging: { console: { level: 'warn' } },
};
