import { PrismaPg } from '@prisma/adapter-pg';
import express from 'express';
import prismaClient from './generated/index.js';

const prisma = new prismaClient.PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });

const app = express();
app.get('/', async (_request, response) => {
  await prisma.$executeRaw`CREATE TABLE IF NOT EXISTS "User" (id serial PRIMARY KEY, name text UNIQUE)`;
  await prisma.user.upsert({ where: { name: 'alice' }, create: { name: 'alice' }, update: {} });
  const users = await prisma.user.findMany({ select: { name: true } });
  response.json({ users, pid: process.pid });
});
app.listen(process.env.PORT);
