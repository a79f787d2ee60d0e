import { type Scenario, SETUPS } from '../scenario.js';

export const startUp: Scenario = {
  id: 'start-up',
  setup: SETUPS.echoInRounds,
  title: 'Start-up',
  how: 'From the start of the command until a client that asks every 5 ms has its first answer, and until the server says on its standard output that all its workers serve.',
  figures: {
    first: { label: 'first answer after', unit: 'ms', better: 'less' },
    all: { label: 'all workers after', unit: 'ms', better: 'less' },
  },
  async run({ took }) {
    return { figures: { first: took.answer, all: took.all } };
  },
};
