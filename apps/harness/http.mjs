import { request as httpRequest } from 'node:http';

const MILLISECONDS = 15_000;

/**
 * One request on a connection of its own.
 * @returns {Promise<{ status: number, headers: object, body: string }>} as a client sees it; rejects when there is no
 *   whole answer
 */
export function request(port, path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, agent: false, timeout: MILLISECONDS, headers });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within ${MILLISECONDS} ms`)));
    sent.on('error', reject);
    sent.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: text }));
    });
    sent.end(body);
  });
}
