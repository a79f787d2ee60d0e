export default { title: 'Sails', group: 'Web frameworks', packages: ['sails'], script: 'app.cjs' };
