import 'reflect-metadata';
import { CoreModule, runProcess } from '@app/composition';
import { Metrics } from '@app/telemetry';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WorkerModule } from './worker.module.js';

@Module({})
class WorkerProcess {}

await runProcess('worker', ({ config, log }) => {
  const core = CoreModule.forRoot({ config, log, metrics: new Metrics() });
  return NestFactory.createApplicationContext(
    { module: WorkerProcess, imports: [core, WorkerModule] },
    { logger: false, abortOnError: false },
  );
});
