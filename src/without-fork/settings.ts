import { flagOf, invalid, NAMES, type Settings, TABLE } from '../settings/index.js';

type Name = (typeof NAMES)[number];

/** The settings that node:cluster can follow as well. */
const SUPPORTED: readonly Name[] = [
  'workers',
  'listen',
  'preload',
  'preloadModules',
  'backlog',
  'spawnTimeout',
  'bootTimeout',
  'grace',
  'maxRequests',
  'log',
  'pidfile',
  'cwd',
];
/** The settings without which the app must not run: it would have more rights than it was to have. */
const REFUSED: readonly Name[] = ['user', 'group', 'groups'];

/**
 * The settings that have no effect here, in one line; undefined when there is none.
 * @throws PreforkError ERR_PREFORK_INVALID_OPTION for one without which the app must not run
 */
export function warningAbout(settings: Settings): string | undefined {
  const [refused] = given(settings, REFUSED);
  if (refused !== undefined) throw invalid(`${refused} is not possible on a platform that cannot fork`);
  const ignored = given(
    settings,
    NAMES.filter((name) => !SUPPORTED.includes(name)),
  );
  if (settings.listen.length > 1) ignored.push('all but the first --listen');
  return ignored.length === 0 ? undefined : `without fork, these are ignored: ${ignored.join(', ')}`;
}

/** The flags of those that differ from their default, wherever they were set. */
function given(settings: Settings, names: readonly Name[]): string[] {
  const differs = (name: Name) => JSON.stringify(settings[name]) !== JSON.stringify(TABLE[name].default);
  return names.filter(differs).map((name) => `--${flagOf(name)}`);
}
