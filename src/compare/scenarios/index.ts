import type { Scenario } from '../scenario.js';
import { burn } from './burn.js';
import { delivery } from './delivery.js';
import { fork } from './fork.js';
import { fourthClient } from './fourth-client.js';
import { connectionPerRequest, keepAlive } from './http-rate.js';
import { leak } from './leak.js';
import { listener } from './listener.js';
import { memory } from './memory.js';
import { parentDies } from './parent-dies.js';
import { replace } from './replace.js';
import { requestCost } from './request-cost.js';
import { roundTrips } from './round-trips.js';
import { spreadAtOnce, spreadSlowly } from './spread.js';
import { startUp } from './start-up.js';
import { whoAccepts } from './who-accepts.js';
import { workerDies } from './worker-dies.js';
import { workerDiesUnderLoad } from './worker-dies-under-load.js';

/** All that is compared, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  ...[whoAccepts, listener, delivery, spreadSlowly, spreadAtOnce, fourthClient, workerDies, parentDies],
  ...[burn, workerDiesUnderLoad, leak],
  memory,
  ...[connectionPerRequest, keepAlive, requestCost, replace],
  ...[startUp, roundTrips, fork],
];
