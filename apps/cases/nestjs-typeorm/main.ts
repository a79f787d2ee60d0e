import 'reflect-metadata';
import { Controller, Get, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { InjectRepository, TypeOrmModule } from '@nestjs/typeorm';
import { Column, Entity, PrimaryColumn, type Repository } from 'typeorm';

@Entity()
export class Cat {
  @PrimaryColumn()
  name: string;

  @Column({ default: 'meow' })
  says: string;
}

@Injectable()
export class CatsService implements OnModuleInit {
  constructor(@InjectRepository(Cat) private readonly cats: Repository<Cat>) {}

  async onModuleInit() {
    await this.cats.upsert({ name: 'tom' }, ['name']);
  }

  all() {
    return this.cats.find();
  }
}

@Controller()
export class AppController {
  constructor(private readonly service: CatsService) {}

  @Get()
  async root() {
    return { cats: await this.service.all(), pid: process.pid };
  }
}

@Module({
  imports: [
    TypeOrmModule.forRoot({ type: 'postgres', url: process.env.DATABASE_URL, entities: [Cat], synchronize: true }),
    TypeOrmModule.forFeature([Cat]),
  ],
  controllers: [AppController],
  providers: [CatsService],
})
export class AppModule {}

async function bootstrap() {
  const app = await NestFactory.create(AppModule);
  await app.listen(process.env.PORT ?? 3000);
}
bootstrap();
