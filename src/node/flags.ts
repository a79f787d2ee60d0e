/** The flags that a Node was started with. */
export interface NodeFlags {
  /** The flags of its command line, as process.execArgv has them. */
  readonly argv: readonly string[];
  /** The flags of the variable NODE_OPTIONS, as text; undefined when it is not set. */
  readonly options: string | undefined;
}

/** A flag that has Node run a module before the main script. */
export interface CodeFlag {
  readonly kind: 'require' | 'import' | 'loader';
  /** A path, as the working directory sees it, or a package. */
  readonly module: string;
}

const CODE: Readonly<Record<string, CodeFlag['kind']>> = {
  '-r': 'require',
  '--require': 'require',
  '--import': 'import',
  '--loader': 'loader',
  '--experimental-loader': 'loader',
};

/** What else acts in a process by itself: it listens, takes a signal, or writes a file. cli(1) of Node. */
const ACTING =
  /^--(inspect(-brk|-brk-node|-wait)?|cpu-prof|heap-prof|prof|heapsnapshot-signal|report-on-signal|trace-events?-(enabled|categories)|experimental-(default-)?config-file)$/;
const INSPECTOR = /^--inspect(?!-publish)/;

/** Whether a process with these flags does what only the app is to do: runs modules, listens for a debugger, … */
export function actByThemselves(flags: NodeFlags): boolean {
  return all(flags).some((flag) => Object.hasOwn(CODE, nameOf(flag)) || ACTING.test(nameOf(flag)));
}

/** Whether they name the process. */
export function setsTitle(flags: NodeFlags): boolean {
  return all(flags).some((flag) => nameOf(flag) === '--title');
}

/** Takes those out that run modules; they are in the order in which Node has them: NODE_OPTIONS comes first. */
export function withoutModules({ argv, options }: NodeFlags): [NodeFlags, CodeFlag[]] {
  const fromOptions = separate(splitOptions(options));
  const fromArgv = separate(argv);
  const rest = { argv: fromArgv.rest, options: options === undefined ? undefined : joinOptions(fromOptions.rest) };
  return [rest, [...fromOptions.code, ...fromArgv.code]];
}

/** Takes those out that open a debugger's port. */
export function withoutInspector({ argv, options }: NodeFlags): NodeFlags {
  const isOther = (flag: string) => !INSPECTOR.test(nameOf(flag));
  return {
    argv: argv.filter(isOther),
    options: options === undefined ? undefined : joinOptions(splitOptions(options).filter(isOther)),
  };
}

/** The same flags, with a module that is required before all others. */
export function requireFirst(module: string, { argv, options }: NodeFlags): NodeFlags {
  // Node requires what NODE_OPTIONS names before what the command line does, and both before it imports anything.
  return { argv, options: joinOptions(['--require', module, ...splitOptions(options)]) };
}

function separate(flags: readonly string[]): { readonly code: CodeFlag[]; readonly rest: string[] } {
  const code: CodeFlag[] = [];
  const rest: string[] = [];
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i] as string;
    const kind = Object.hasOwn(CODE, nameOf(flag)) ? CODE[nameOf(flag)] : undefined;
    if (kind === undefined) rest.push(flag);
    else code.push({ kind, module: valueIn(flag) ?? flags[++i] ?? '' });
  }
  return { code, rest };
}

/** As Node reads NODE_OPTIONS: between double quotes spaces are kept, and a backslash keeps the next character. */
export function splitOptions(options = ''): string[] {
  const parts = options.match(/(?:"(?:\\.|[^"\\])*"?|[^ "])+/gs) ?? [];
  return parts.map((part) =>
    part.replace(/"((?:\\.|[^"\\])*)"?/gs, (_, quoted: string) => quoted.replace(/\\(.)/gs, '$1')),
  );
}

export function joinOptions(flags: readonly string[]): string {
  return flags.map((flag) => (/[ "\\]/.test(flag) ? `"${flag.replace(/["\\]/g, '\\$&')}"` : flag)).join(' ');
}

function all({ argv, options }: NodeFlags): string[] {
  return [...splitOptions(options), ...argv];
}

/** Node takes underscores for dashes. */
function nameOf(flag: string): string {
  return (flag.split('=', 1)[0] as string).replaceAll('_', '-');
}

function valueIn(flag: string): string | undefined {
  const at = flag.indexOf('=');
  return at < 0 ? undefined : flag.slice(at + 1);
}
