export default {
  title: 'argon2',
  group: 'Native code and files',
  packages: ['argon2', 'express'],
};
