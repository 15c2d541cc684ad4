import { CoreModule, type ProcessContext } from '@app/composition';
import { Metrics } from '@app/telemetry';
import { Module, type ModuleMetadata } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module.js';
import { createApi } from './create-api.js';
import { printFirstKey } from './first-key.js';

@Module({})
class ApiProcess {}

/** Starts the HTTP side, and whatever `besides` adds to the same process; resolves when it listens. */
export async function serveApi(
  { config, log }: ProcessContext,
  besides: NonNullable<ModuleMetadata['imports']> = [],
): Promise<NestFastifyApplication> {
  const metrics = new Metrics();
  metrics.collectProcess();
  const core = CoreModule.forRoot({ config, log, metrics });
  const app = await createApi(
    { module: ApiProcess, imports: [core, ApiModule, ...besides] },
    { config, log, metrics },
  );
  await app.listen(config.http.port, config.http.host);
  const url = await app.getUrl();
  await printFirstKey(app, config, url);
  log.info({ url, docs: `${url}/docs` }, 'api_listening');
  return app;
}
