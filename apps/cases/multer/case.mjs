const BOUNDARY = 'x-boundary';

export default {
  title: 'multer',
  group: 'Native code and files',
  packages: ['multer', 'express'],
  ask: async ({ get }) => {
    const part = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="avatar"; filename="a.txt"\r\n\r\nhello\r\n`;
    const headers = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` };
    return get('/profile', { method: 'POST', headers, body: `${part}--${BOUNDARY}--\r\n` });
  },
};
