import { CoreModule, type ProcessContext } from '@app/composition';
import { InvalidConfiguration } from '@app/config';
import { DomainError } from '@app/domain';
import { Metrics } from '@app/telemetry';
import { Module, type ModuleMetadata } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiModule } from './api.module.js';
import { createApi } from './create-api.js';
import { offerFirstKey } from './first-key.js';
import { assertWebhookSecret } from './webhooks/assert-webhook-secret.js';
import { CannotListen } from './http/cannot-listen.js';

@Module({})
class ApiProcess {}

/**
 * Starts the HTTP side, and whatever `besides` adds to the same process; resolves when it listens.
 * @throws CannotListen, InvalidConfiguration
 */
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
  const { host, port } = config.http;
  try {
    await assertWebhookSecret(app, config);
    await app.listen(port, host);
  } catch (error) {
    // What was opened on the way (the embedded database above all) is closed in order.
    await app.close();
    if (error instanceof InvalidConfiguration || error instanceof DomainError) throw error;
    throw new CannotListen(host, port, error as NodeJS.ErrnoException);
  }
  const url = await app.getUrl();
  await offerFirstKey(app, config, url);
  log.info({ url, docs: `${url}/docs` }, 'api_listening');
  return app;
}
