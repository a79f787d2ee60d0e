export default { title: 'lightship', group: 'Orderly ends', packages: ['lightship', 'express'] };
