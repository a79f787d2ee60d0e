import { scripts } from '../../node/inspector-session.js';
import type { Diagnostic, Severity } from '../diagnostic.js';

/** What packages do that happens once under plain node, and once in every worker under prefork. */
interface Habit {
  /** Matches a file of such a package: 'node-cron/dist/index.js'. */
  readonly files: RegExp;
  readonly severity: Severity;
  /** After 'NAME is loaded: '. */
  readonly message: string;
  readonly remedy: string;
}

const HABITS: readonly Habit[] = [
  {
    files:
      /^(node-cron|cron|node-schedule|croner|toad-scheduler|bree|agenda|pg-boss|graphile-worker|@nestjs\/schedule)\//,
    severity: 'warning',
    message: 'its jobs run in every worker',
    remedy: 'start them in afterFork (prefork/app) when worker.slot is 0, or have each run take a lock first',
  },
  {
    files: /^(umzug|node-pg-migrate|db-migrate|postgres-migrations|@mikro-orm\/migrations|knex|sequelize|typeorm)\//,
    severity: 'note',
    message: 'migrations, synchronization and seeds at the start run in every worker, at the same time',
    remedy: 'run them before the start, or put them into once(name, function) of prefork/app',
  },
  {
    files: /^drizzle-orm\/(.*\/)?migrator\./,
    severity: 'note',
    message: 'migrations at the start run in every worker, at the same time',
    remedy: 'run them before the start, or put them into once(name, function) of prefork/app',
  },
  {
    files: /^(bull|bullmq|bee-queue|amqplib|kafkajs|mqtt|sqs-consumer)\//,
    severity: 'note',
    message: 'its consumers run in every worker',
    remedy: 'that is right for consumers that compete; divide their concurrency by the number of workers',
  },
];

/** 'NAME/FILE', by a script's path or URL. */
const PACKAGED = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+\/.*)$/;
const NAME = /^(?:@[^/]+\/)?[^/]+/;

/** What the packages that are loaded are known for; nothing in a Node without an inspector. */
export function packageHabits(): Diagnostic[] {
  const files = (scripts() ?? []).flatMap((script) => PACKAGED.exec(script)?.[1] ?? []);
  return HABITS.flatMap((habit) => {
    const names = new Set(files.filter((file) => habit.files.test(file)).map((file) => NAME.exec(file)?.[0]));
    return [...names].map((name) => finding(`${name}`, habit));
  });
}

function finding(name: string, { severity, message, remedy }: Habit): Diagnostic {
  return { kind: 'package', severity, message: `${name} is loaded: ${message}`, remedy };
}
