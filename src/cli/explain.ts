import type { Language, Text } from '../tutorial/lessons/lesson.js';
import { withHint } from '../util/hint.js';

/** One line about an error: what is wrong and, where it is known, what to do. */
export function explain(error: unknown, lang: Language = 'en'): string {
  if (!(error instanceof Error)) return String(error);
  return known(error)?.[lang] ?? withHint(error.message.replace(/\s*\n\s*/g, ' '));
}

function known(error: NodeJS.ErrnoException & { port?: number; address?: string }): Text | undefined {
  const { code, syscall, port, address } = error;
  if (syscall !== 'bind' && syscall !== 'listen') return undefined;
  if (code === 'EADDRINUSE' && port !== undefined) {
    return {
      en: `port ${port} is in use; choose another with --port, or any free one with --port 0`,
      ja: `${port} portは使用中です。--port で別のportを選ぶか、--port 0 で空いているportを使ってください`,
    };
  }
  if (code === 'EACCES' && port !== undefined) {
    return {
      en: `port ${port} is for privileged users only; choose one from 1024 on with --port`,
      ja: `${port} portには特権が必要です。--port で1024以上のportを選んでください`,
    };
  }
  if (code === 'EADDRNOTAVAIL') {
    return {
      en: `${address} is not an address of this machine; choose another with --host`,
      ja: `${address} はこのマシンのアドレスではありません。--host で別のアドレスを選んでください`,
    };
  }
  return undefined;
}
