import { SecretBox } from '@app/domain';
import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { Persistence } from '../persistence.js';
import { PERSISTENCE } from '../persistence.module.js';
import { createSecretBox, type SecretsEnvironment } from './create-secret-box.js';

/**
 * Provides the `SecretBox` everywhere. A start fails when the database holds secrets whose key is not there: found out
 * later, each of them would fail on its own.
 */
@Global()
@Module({})
export class SecretsModule {
  static forRoot(config: SecretsEnvironment): DynamicModule {
    return {
      module: SecretsModule,
      providers: [
        {
          provide: SecretBox,
          inject: [PERSISTENCE],
          useFactory: async (persistence: Persistence) => {
            const box = createSecretBox(config);
            await persistence.sealedSecrets(box).assertKeys();
            return box;
          },
        },
      ],
      exports: [SecretBox],
    };
  }
}
