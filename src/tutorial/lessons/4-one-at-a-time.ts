import {
  type Address,
  accept,
  close,
  connect,
  exit,
  fork,
  getpid,
  getsockname,
  LineReader,
  listen,
  poll,
  socket,
  waitpid,
  writeAll,
} from '../../posix/index.js';
import { endWithParent, portOf, puts, readText, type Setting, type Text } from './lesson.js';

export const title: Text = {
  en: 'This server is no good: one client at a time',
  ja: 'このサーバーは出来損ないだ、たべられないよ',
};

const CLIENTS = 2;
const ANSWER_TIMEOUT_MS = 1000;

export function run({ port, say }: Setting): void {
  const parent = getpid();
  const listening = listen({ port });

  // Two terminals with a telnet each, played by a child.
  const pid = fork();
  if (pid === 0) {
    endWithParent(parent);
    close(listening.fd);
    playTwoClients(portOf(listening.address), say);
    exit();
  }

  // The echo server of the lesson before, for these two clients only.
  for (let n = 0; n < CLIENTS; n++) {
    puts('accepting...');
    const client = accept(listening.fd);
    puts('accepted a client!');
    const input = new LineReader(client.fd);

    // While the process is in here, nobody accepts.
    for (;;) {
      const line = input.gets()?.replace(/[\r\n]/g, '');

      if (line === undefined || line === 'exit') {
        close(client.fd);
        puts('closed a connection!');
        break;
      }

      puts(line);
      writeAll(client.fd, `${line}\n`);
    }
  }
  waitpid(pid);
}

function playTwoClients(port: number, say: Setting['say']): void {
  const first = openConnection(port);
  writeAll(first.fd, 'hello from the first\n');
  first.gets();
  say({ en: 'the first client got its line back', ja: 'ひとつめのクライアントには返事がきました' });

  const second = openConnection(port);
  writeAll(second.fd, 'hello from the second\n');
  const answered = poll(second.fd, 'read', ANSWER_TIMEOUT_MS);
  const { connections, bytes } = waiting(port, portOf(getsockname(second.fd)));
  say({
    en: `the second client is connected and sent a line; an answer after ${ANSWER_TIMEOUT_MS} ms: ${answered ? 'yes' : 'none'}`,
    ja: `ふたつめのクライアントも接続して1行送りました。${ANSWER_TIMEOUT_MS}ms待って、返事は: ${answered ? 'きた' : 'こない'}`,
  });
  say({
    en: `in the kernel's queue, not accepted: ${connections} connection, ${bytes} bytes that nobody reads`,
    ja: `カーネルの待ち行列でacceptされるのを待つ接続: ${connections}、だれも読んでいないデータ: ${bytes}バイト`,
  });

  say({ en: 'now the first client sends "exit"', ja: 'ここでひとつめのクライアントがexitを送ると……' });
  writeAll(first.fd, 'exit\n');
  second.gets();
  say({ en: 'only then did the second get its line back', ja: 'やっとふたつめのクライアントに返事がきました' });
  writeAll(second.fd, 'exit\n');
}

function openConnection(port: number): LineReader {
  const server: Address = { family: 'IPv4', address: '127.0.0.1', port };
  const fd = socket();
  connect(fd, server);
  return new LineReader(fd);
}

/** What waits at a listening port, and what a client of it sent in vain: the rx_queue column of /proc/net/tcp, proc(5). */
function waiting(port: number, client: number): { connections: number; bytes: number } {
  const LISTENING = '0A';
  const hex = (number: number) => number.toString(16).toUpperCase().padStart(4, '0');
  const rows = readText('/proc/net/tcp')
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
    .filter(([, local]) => local?.endsWith(`:${hex(port)}`));
  const received = (row: string[] | undefined) => Number.parseInt(row?.[4]?.split(':')[1] ?? '0', 16);
  return {
    connections: received(rows.find(([, , , state]) => state === LISTENING)),
    bytes: received(rows.find(([, , remote]) => remote?.endsWith(`:${hex(client)}`))),
  };
}
