// The servers' packages of Debian.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { KINDS } from '../servers/index.mjs';

/** What invoke-rc.d(8) asks whether it may start a service that was just installed. */
const POLICY = '/usr/sbin/policy-rc.d';
const FORBIDDEN = 101;

/**
 * Makes sure that the servers can be started; throws with what is to be done where they cannot.
 * @param {string[]} kinds of KINDS
 * @param {boolean} mayInstall with apt-get
 */
export function provideServers(kinds, mayInstall) {
  const missing = missingPackages(kinds);
  if (missing.length === 0) return;
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (!mayInstall || userInfo().uid !== 0) {
    throw new Error(
      `these packages are missing: ${missing.join(', ')}\n  ${command}\n  or, as root, npm run test:apps -- --install`,
    );
  }
  console.log(`installing ${missing.join(' ')} …`);
  install(missing);
  const still = missingPackages(kinds);
  if (still.length > 0) throw new Error(`${still.join(', ')}: missing, and '${command}' did not help`);
}

function missingPackages(kinds) {
  const packages = kinds.flatMap((kind) => Object.entries(KINDS[kind].packages));
  return packages.filter(([, find]) => !isThere(find())).map(([name]) => name);
}

const isThere = (path) => path !== undefined && existsSync(path);

/** Installs packages without starting their services, which would listen on the servers' usual ports. */
function install(packages) {
  const isOurs = !existsSync(POLICY);
  if (isOurs) writeFileSync(POLICY, `#!/bin/sh\nexit ${FORBIDDEN}\n`, { mode: 0o755 });
  try {
    apt(['update', '-qq']);
    apt(['install', '-y', '-qq', '--no-install-recommends', ...packages]);
  } finally {
    if (isOurs) rmSync(POLICY);
  }
}

function apt(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')}: status ${status}\n${stdout}${stderr}`);
}
