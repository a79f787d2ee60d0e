export default {
  title: 'DuckDB',
  group: 'Native code and files',
  packages: ['@duckdb/node-api', 'express'],
};
