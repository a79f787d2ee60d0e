import express from 'express';
import sharp from 'sharp';

const image = await sharp({ create: { width: 64, height: 48, channels: 3, background: 'red' } })
  .png()
  .toBuffer();

const app = express();
app.get('/', async (_request, response) => {
  const { info } = await sharp(image).resize(32).jpeg().toBuffer({ resolveWithObject: true });
  response.json({ format: info.format, width: info.width, height: info.height, pid: process.pid });
});
app.listen(process.env.PORT);
