import type { Scenario } from '../scenario.js';
import { connectionPerRequest, keepAlive, requestCost, roundTrips } from './costs.js';
import { delivery, listener, whoAccepts } from './listening.js';
import { leak, memory } from './memory.js';
import { fork, replace, startUp } from './new-workers.js';
import { burn, workerDiesUnderLoad } from './paced.js';
import { spreadAtOnce, spreadSlowly } from './spread.js';
import { fourthClient, parentDies, workerDies } from './staying-clients.js';

/** All that is compared, in the order of the table. */
export const SCENARIOS: readonly Scenario[] = [
  ...[whoAccepts, listener, delivery, spreadSlowly, spreadAtOnce, fourthClient, workerDies, parentDies],
  ...[burn, workerDiesUnderLoad, leak],
  memory,
  ...[connectionPerRequest, keepAlive, requestCost, replace],
  ...[startUp, roundTrips, fork],
];
