import { readFile } from 'node:fs/promises';
import express from 'express';
import multer from 'multer';

const upload = multer({ dest: `${process.env.DATA}/uploads/` });

const app = express();
app.post('/profile', upload.single('avatar'), async (request, response) => {
  const { originalname, size, path } = request.file;
  response.json({ originalname, size, text: await readFile(path, 'utf8'), pid: process.pid });
});
app.listen(process.env.PORT);
