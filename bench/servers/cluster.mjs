// cluster.mjs APP WORKERS: the app on node:cluster, with workers that are replaced when they die.
import cluster from 'node:cluster';

const [exec, workers] = process.argv.slice(2);

cluster.setupPrimary({ exec, args: [] });
cluster.on('exit', () => cluster.fork());
for (let n = 0; n < Number(workers); n++) cluster.fork();
