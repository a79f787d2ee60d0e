export default {
  title: 'hot-shots, a StatsD client (UDP)',
  group: 'Logging and measuring',
  packages: ['hot-shots'],
};
