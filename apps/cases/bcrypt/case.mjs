export default {
  title: 'bcrypt',
  group: 'Native code and files',
  packages: ['bcrypt', 'express'],
  quick: true,
};
