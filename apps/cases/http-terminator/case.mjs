export default { title: 'http-terminator', group: 'Orderly ends', packages: ['http-terminator'] };
