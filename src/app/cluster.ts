import cluster from 'node:cluster';
import { syncBuiltinESMExports } from 'node:module';
import { callerPlace } from '../util/call-site.js';
import { registry } from './api/registry.js';

const REMEDY =
  'prefork forks workers itself: where preforked of prefork/app is true, let the app do at once what its own workers do, or start the script that they run';

/**
 * Refuses, while the app is loaded, workers of its own: they would be the zygote's children, and their channels
 * sockets that no fork can share. A worker of prefork that loads the app itself may fork them.
 * @param refuse ends this process
 */
export function refuseClusterWorkers(refuse: (reason: string) => never): void {
  const original = cluster.fork;
  cluster.fork = function forking(...args) {
    if (registry().worker !== null) return original.apply(cluster, args);
    const place = callerPlace(forking);
    return refuse(`the app forks workers by node:cluster${place === undefined ? '' : ` at ${place}`}; ${REMEDY}`);
  };
  syncBuiltinESMExports();
}
