import { count, hasEnded, type LessonPage, printed, seen } from './step.js';

/** Lessons 1 to 4: a server of one process. */
export const ONE_PROCESS: readonly LessonPage[] = [
  {
    en: [
      'On Linux, a process reads and writes through files, and a TCP socket is one of them.',
      'So the socket that the program opens has a file descriptor, a small number. See it in the figure: the process ' +
        'holds it, and it leads to the open file description that says "listens on this port".',
    ],
    ja: [
      'Linuxではプロセスの入出力はファイルを通じて行います。tcp socketもファイルです。',
      'だから、プログラムが開いたソケットにはfdという小さな番号があります。図を見てください。プロセスがfdを持っていて、' +
        'それが「このportで待ち受けてるよ」と書かれたオープンファイル記述を指しています。',
    ],
    steps: [
      {
        en: 'Find the process and its listening socket in the figure.',
        ja: '図の中で、プロセスと待ち受けソケットを見つけてください。',
        isDone: seen(({ listeners }) => listeners.length > 0),
      },
      {
        en: 'Press "Next line": it is about to print the number that the figure shows as fd.',
        ja: '「次の1行」を押すと、図にfdとして出ている番号を出力するところまで進みます。',
        isDone: seen(({ processes, listeners }) =>
          processes.some(({ pid, prints }) =>
            listeners.some(({ holders }) => holders.some((h) => h.pid === pid && `${h.fd}\n` === prints)),
          ),
        ),
      },
      {
        en: 'Once more: it closes the socket without having done anything, and ends.',
        ja: 'もう一度押すと、なにもせずにソケットを閉じて終わります。',
        isDone: hasEnded,
      },
    ],
  },
  {
    en: [
      'accept waits for a client: the process blocks there, and its prompt does not come back.',
      'When a client connects, accept returns a new socket for this client, with another number. What the listening ' +
        'socket is for stays as it was: waiting for the next one.',
    ],
    ja: [
      'acceptでクライアントからの接続を待ちます。プロセスはそこでブロックするので、プロンプトが返ってきません。',
      '接続されると、acceptはブロックから抜け出して、そのクライアントと通信するための新しいソケットを返します。' +
        '新しいソケットなので、fdの番号が待ち受けソケットと違います。',
    ],
    steps: [
      {
        en: 'Press "Next line" until the process sleeps in accept.',
        ja: 'プロセスがacceptでブロックするまで「次の1行」を押してください。',
        isDone: seen((figure) => count(figure, 'accepting') > 0),
      },
      {
        en: 'Connect a client: it goes through the queue to the process, as a new descriptor.',
        ja: 'クライアントをつないでください。待ち行列を通って、新しいfdとしてプロセスに届きます。',
        isDone: seen(({ connections }) => connections.length > 0),
      },
      {
        en: 'Press "Next line" until it has printed the new number: then it hangs up, and ends.',
        ja: '新しい番号が出力されるまで「次の1行」を押してください。そのあと接続を切って終わります。',
        isDone: hasEnded,
      },
    ],
  },
  {
    en: [
      'Now the server reads what its client sends, line by line, in an endless loop inside of the endless loop that accepts.',
      'While the client says nothing, the process blocks in read, on the connection. After "exit" it is back in accept.',
    ],
    ja: [
      'こんどは、クライアントから送られてきた行を読みます。クライアント受け入れ無限地獄の中に、入力受け取り無限地獄があります。',
      'クライアントが何も送ってこないあいだは、接続のreadでブロックします。exitと送られたら、またacceptに戻ります。',
    ],
    steps: [
      {
        en: 'Connect a client: the process leaves accept, and blocks in read.',
        ja: 'クライアントをつなぐと、プロセスはacceptを抜けて、readでブロックします。',
        isDone: seen(({ connections, processes }) =>
          connections.some(({ holders }) =>
            processes.some(({ pid, waitsIn }) => holders.some((h) => h.pid === pid && waitsIn === `read(${h.fd})`)),
          ),
        ),
      },
      {
        en: 'Send a line: the program prints it.',
        ja: '1行送ってみてください。プログラムがそれを出力します。',
        isDone: printed(/accepted a client!\n(?!closed|accepting).+\n/),
      },
      {
        en: 'Say exit: the server hangs up, and blocks in accept again.',
        ja: 'exitと言うと、サーバーは接続を切って、またacceptでブロックします。',
        isDone: (moment) => printed(/closed a connection!/)(moment) && seen((f) => count(f, 'accepting') > 0)(moment),
      },
    ],
  },
  {
    en: [
      'This server has a flaw: while the process is in the loop that reads one client, nobody accepts.',
      'The program plays two clients itself. Both get connected, for the kernel does that; but the second one waits in ' +
        'the queue, and nobody reads what it has sent.',
    ],
    ja: [
      'このサーバーには欠陥があります。ひとつのクライアントの入力受け取り無限地獄にいる限り、だれもacceptしないのです。',
      'プログラムは自分でクライアントをふたつ演じます。接続はカーネルがするので、どちらもつながりますが、' +
        'ふたつめは待ち行列の中で、送ったデータはだれにも読まれません。',
    ],
    steps: [
      {
        en: 'Press "Next line" until the first client is served.',
        ja: 'ひとつめのクライアントが受け入れられるまで「次の1行」を押してください。',
        isDone: seen(({ connections }) => connections.length > 0),
      },
      {
        en: 'Go on until the second is in the queue, while the process reads from the first.',
        ja: '続けると、プロセスがひとつめを読んでいるあいだ、ふたつめは待ち行列に入ります。',
        isDone: seen(({ connections, listeners }) => connections.length > 0 && listeners.some((l) => l.queued > 0)),
      },
      {
        en: 'Go on: only after the first has said exit is the second accepted, and its line read.',
        ja: 'さらに続けると、ひとつめがexitしてからやっと、ふたつめがacceptされて読まれます。',
        isDone: printed(/hello from the second/),
      },
    ],
  },
];
