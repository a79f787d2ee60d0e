import { scripts } from '../../posix/child/debuggers-view.js';
import type { Finding } from './finding.js';
import { fileOf, packageOf } from './place.js';

/** What packages are known for that is done once under plain node, and in every worker when it is preforked. */
const DUTIES: readonly { readonly packages: readonly string[]; readonly does: string; readonly remedy: string }[] = [
  {
    packages: ['agenda', 'bree', 'cron', 'croner', 'node-cron', 'node-schedule', 'toad-scheduler', '@nestjs/schedule'],
    does: 'what it schedules runs in every worker',
    remedy: 'schedule in afterFork (prefork/app) when worker.slot is 0',
  },
  {
    packages: [
      'amqplib',
      'bee-queue',
      'bull',
      'bullmq',
      'graphile-worker',
      'kafkajs',
      'mqtt',
      'pg-boss',
      'sqs-consumer',
    ],
    does: 'each worker consumes for itself',
    remedy: 'as node:cluster does; consume in afterFork (prefork/app) when worker.slot is 0 if only one is to',
  },
  {
    packages: [
      'db-migrate',
      'drizzle-orm',
      'knex',
      'node-pg-migrate',
      'postgres-migrations',
      'sequelize',
      'typeorm',
      'umzug',
    ],
    does: 'a migration, a seed or a sync() at the start runs in every worker, at the same time',
    remedy: 'put it into once(name, function) of prefork/app: one worker runs it, the others wait',
  },
];

/** What the app's packages do in every worker, as far as they are known for it. */
export function examineDuties(packages: ReadonlySet<string> = loadedPackages()): Finding[] {
  return DUTIES.flatMap(({ packages: known, does, remedy }) => {
    const loaded = known.filter((name) => packages.has(name));
    return loaded.map((name) => ({ kind: 'duty', severity: 'note', message: `${name} is loaded: ${does}`, remedy }));
  });
}

/** The packages that the app has loaded files of, by import or require. */
function loadedPackages(): Set<string> {
  return new Set(scripts()?.flatMap((script) => packageOf(fileOf(script) ?? '') ?? []));
}
