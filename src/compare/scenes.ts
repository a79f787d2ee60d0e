import type { Scene } from './observation.js';
import { burn } from './observations/burn.js';
import { connectionPerRequest } from './observations/connection-per-request.js';
import { delivery } from './observations/delivery.js';
import { fork } from './observations/fork.js';
import { fourthClient } from './observations/fourth-client.js';
import { keepAlive } from './observations/keep-alive.js';
import { leak } from './observations/leak.js';
import { listener } from './observations/listener.js';
import { memory } from './observations/memory.js';
import { parentDies } from './observations/parent-dies.js';
import { replace } from './observations/replace.js';
import { requestCost } from './observations/request-cost.js';
import { roundTrips } from './observations/round-trips.js';
import { spreadAtOnce, spreadSlowly } from './observations/spread.js';
import { startUp } from './observations/start-up.js';
import { whoAccepts } from './observations/who-accepts.js';
import { workerDies } from './observations/worker-dies.js';
import { workerDiesUnderLoad } from './observations/worker-dies-under-load.js';

/** All that is compared, in the order of the table. */
export const SCENES: readonly Scene[] = [
  {
    app: 'echo',
    workers: 3,
    repeated: false,
    observations: [whoAccepts, listener, delivery, spreadSlowly, spreadAtOnce, fourthClient, workerDies, parentDies],
  },
  { app: 'http', workers: 4, repeated: false, observations: [burn, workerDiesUnderLoad, leak] },
  { app: 'echo', workers: 2, repeated: false, observations: [memory] },
  {
    app: 'http',
    workers: 4,
    repeated: true,
    observations: [connectionPerRequest, keepAlive, requestCost, replace],
  },
  { app: 'echo', workers: 3, repeated: true, observations: [startUp, roundTrips, fork] },
];
