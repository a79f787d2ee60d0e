import { Controller, Get, Injectable, Module, Param } from '@nestjs/common';

@Injectable()
export class CatsService {
  find(name: string) {
    return { name, says: 'meow' };
  }
}

@Controller()
export class AppController {
  constructor(private readonly cats: CatsService) {}

  @Get()
  root() {
    return { pid: process.pid };
  }

  @Get('cats/:name')
  cat(@Param('name') name: string) {
    return this.cats.find(name);
  }
}

@Module({ controllers: [AppController], providers: [CatsService] })
export class AppModule {}
