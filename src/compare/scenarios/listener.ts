import { type DescriptionView, inspect } from '../../inspect/index.js';
import { groupBy } from '../../util/group-by.js';
import { listenersOf } from '../instruments/accepting.js';
import { countOf, groupsOf } from '../instruments/proc.js';
import { noteOf, type Scenario, SETUPS } from '../scenario.js';
import type { Server } from '../servers/server.js';

export const listener: Scenario = {
  id: 'listener',
  setup: SETUPS.echo,
  title: 'Who has the listening socket',
  how:
    '`prefork inspect PID` shows every open file description and who has it under which number; that several ' +
    'descriptors are one is proven by kcmp(2) with KCMP_FILE, which gives 0 for two that are the same.',
  async run(server) {
    const inspection = inspect(server.members());
    const listeners = listenersOf(inspection, server.port);
    if (listeners.length === 0) throw new Error(['no listening socket is to be seen', ...inspection.notes].join('; '));
    const having = new Set(listeners.flatMap(({ holders }) => holders.map(({ pid }) => pid)));
    const without = server.serving().filter((pid) => !having.has(pid)).length;
    const words = listeners.map((description) => describe(server, description));
    if (without > 0) words.push(`${countOf(server, without)} without any`);
    return { seen: words.join('; '), note: noteOf(...inspection.notes.filter((note) => note.startsWith('kcmp'))) };
  },
};

/** 'one open file description by kcmp, blocking: fd 17 of the parent, fd 17 of 3 children'. */
function describe(server: Server, { holders, proof, flags }: DescriptionView): string {
  const mode = flags.includes('O_NONBLOCK') ? 'non-blocking' : 'blocking';
  const what = proof === null ? 'one descriptor' : `one open file description by ${proof}`;
  const who = groupsOf(server, holders).map(({ title, members }) => {
    const fds = [...groupBy(members, ({ pid }) => pid).values()].map((own) => own.map(({ fd }) => fd).join(' and '));
    return `fd ${[...new Set(fds)].join(' or ')} of ${title}`;
  });
  return `${what}, ${mode}: ${who.join(', ')}`;
}
