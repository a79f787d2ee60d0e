import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';

const JWKS = createRemoteJWKSet(new URL('/.well-known/jwks.json', process.env.ISSUER_URL));
await JWKS.reload();

const app = express();
app.get('/', async (request, response) => {
  try {
    const { payload } = await jwtVerify(request.get('authorization').slice('Bearer '.length), JWKS);
    response.json({ subject: payload.sub, fresh: JWKS.fresh, pid: process.pid });
  } catch (error) {
    response.status(401).json({ code: error.code });
  }
});
app.listen(process.env.PORT);
