import { once } from 'node:events';
import { connect } from 'node:http2';
import type { NetConnectOpts } from 'node:net';
import { onTestFinished } from 'vitest';
import { shown } from './http.js';

/** One session with many streams at a time. @returns for each its headers, without the date, and its body */
export async function multiplex(scheme: 'http' | 'https', target: NetConnectOpts, paths: readonly string[]) {
  const { port, host } = target as { port: number; host: string };
  const session = connect(`${scheme}://${host}:${port}`, { rejectUnauthorized: false });
  onTestFinished(() => session.destroy());
  const answers = await Promise.all(
    paths.map(async (path) => {
      const stream = session.request({ ':path': path, ':method': path === '/echo' ? 'POST' : 'GET' });
      stream.end(path === '/echo' ? 'over a stream' : undefined);
      const [{ date, ...headers }] = await once(stream, 'response');
      const body = Buffer.concat(await stream.toArray());
      return { headers: { ...headers }, body: shown(body) };
    }),
  );
  const { alpnProtocol } = session;
  session.close();
  await once(session, 'close');
  return { alpnProtocol, answers };
}
