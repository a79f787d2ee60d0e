import express from 'express';
import { createLightship } from 'lightship';

const lightship = await createLightship({ port: 0, detectKubernetes: false });
const app = express();
app.get('/', (_request, response) => response.json({ ready: lightship.isServerReady(), pid: process.pid }));
const server = app.listen(process.env.PORT, () => lightship.signalReady());
lightship.registerShutdownHandler(() => new Promise((resolve) => server.close(resolve)));
