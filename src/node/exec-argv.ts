/**
 * Flags that say how the caller's own main script is found and run, or where the caller is debugged: a process with
 * another script must not have them. cli(1) of Node.
 */
const OF_THE_SCRIPT =
  /^(-e|--eval|-p|-pe|--print|-c|--check|-i|--interactive|--input-type|--entry-url|--test|--watch.*|--inspect(?!-publish).*)$/;
/** The flags whose value may be an argument of its own; it never begins with a dash. */
const WITH_VALUE = /^(-e|--eval|-p|-pe|--print|--input-type|--watch-path|--inspect-port)$/;

/** Node's flags, as process.execArgv has them, for a process that runs another script. */
export function flagsForAnotherScript(execArgv: readonly string[]): string[] {
  return execArgv.filter((flag, i) => {
    const before = execArgv[i - 1];
    const isValue = before !== undefined && WITH_VALUE.test(before) && !flag.startsWith('-');
    return !isValue && !OF_THE_SCRIPT.test(nameOf(flag));
  });
}

function nameOf(flag: string): string {
  return flag.split('=', 1)[0] as string;
}
