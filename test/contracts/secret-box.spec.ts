import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@app/config';
import { createSecretBox } from '@app/persistence';
import { FakeSecretBox } from '../fakes/fake-secret-box.js';
import { secretBoxContract } from './secret-box.contract.js';

const boxOf = (environment: Record<string, string>) => createSecretBox(loadConfig(environment));
const withKey = () => boxOf({ SECRETS_KEY: randomBytes(32).toString('base64') });
const withFile = () => boxOf({ DATA_DIR: mkdtempSync(join(tmpdir(), 'devflowfix-test-')) });

secretBoxContract('fake', () => ({ box: new FakeSecretBox(), other: new FakeSecretBox(['another']) }));
secretBoxContract('key of the environment', () => ({ box: withKey(), other: withKey() }));
secretBoxContract('key file', () => ({ box: withFile(), other: withFile() }));
