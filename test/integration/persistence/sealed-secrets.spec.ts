import { randomBytes } from 'node:crypto';
import { loadConfig } from '@app/config';
import { sealedContext, type SecretBox } from '@app/domain';
import { createSecretBox, openPersistence, SecretsLocked, type Persistence } from '@app/persistence';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freshStore, type FreshStore } from '../../support/fresh-store.js';

const [OLD, NEW] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')];

function boxOf(key: string, previous = ''): SecretBox {
  return createSecretBox(loadConfig({ SECRETS_KEY: key, SECRETS_KEY_PREVIOUS: previous }));
}

const context = (row: number) => sealedContext('later', 'one_sealed', `row:${row}`);

describe('the secrets in the database', () => {
  let place: FreshStore;
  let persistence: Persistence;

  beforeAll(async () => {
    place = await freshStore();
    persistence = await openPersistence(loadConfig({ ...place.environment, LOG_LEVEL: 'silent' }));
    // As a later version may add them: a key of two columns, and two secrets in one row.
    await persistence.dataSource.query(
      `CREATE TABLE later (a integer, b text, one_sealed text, two_sealed text, PRIMARY KEY (b, a))`,
    );
  });
  afterAll(async () => {
    await persistence?.close();
    await place?.remove();
  });
  beforeEach(() => persistence.dataSource.query('TRUNCATE later'));

  async function add(box: SecretBox, row: number): Promise<void> {
    await persistence.dataSource.query(`INSERT INTO later VALUES ($1, 'row', $2)`, [
      row,
      box.seal(`secret ${row}`, context(row)),
    ]);
  }
  async function secret(box: SecretBox, row: number): Promise<string> {
    const [found] = await persistence.dataSource.query<{ sealed: string }[]>(
      `SELECT one_sealed AS sealed FROM later WHERE a = $1`,
      [row],
    );
    return box.open(found!.sealed, context(row));
  }

  it('are all sealed with the new key after a rotation, wherever they stand', async () => {
    for (let row = 1; row <= 450; row++) await add(boxOf(row > 440 ? NEW : OLD), row);
    const rotation = await persistence.sealedSecrets(boxOf(NEW, OLD)).rotate();
    expect(rotation).toEqual({ resealed: 440, current: 10, unreadable: [] });
    for (const row of [1, 200, 201, 440, 450]) expect(await secret(boxOf(NEW), row)).toBe(`secret ${row}`);
    const again = await persistence.sealedSecrets(boxOf(NEW)).rotate();
    expect(again).toEqual({ resealed: 0, current: 450, unreadable: [] });
  });

  it('that can not be opened are named and left as they are', async () => {
    await add(boxOf(OLD), 1);
    await add(boxOf(randomBytes(32).toString('hex')), 2);
    const rotation = await persistence.sealedSecrets(boxOf(NEW, OLD)).rotate();
    expect(rotation).toMatchObject({ resealed: 1, unreadable: [{ context: context(2) }] });
    expect(await secret(boxOf(NEW), 1)).toBe('secret 1');
  });

  it('of a GitHub App are sealed anew with it', async () => {
    const host = 'api.github.com';
    const seal = (column: 'private_key_sealed' | 'client_secret_sealed'): string =>
      boxOf(OLD).seal(column, sealedContext('github_apps', column, host));
    await persistence.githubApps.add({
      host,
      appId: 1,
      slug: 'fix',
      clientId: 'c',
      url: 'https://github.com/apps/fix',
      owner: null,
      privateKeySealed: seal('private_key_sealed'),
      clientSecretSealed: seal('client_secret_sealed'),
      webhookSecretSealed: null,
      createdAt: new Date(),
      createdBy: 'cli',
    });
    const rotation = await persistence.sealedSecrets(boxOf(NEW, OLD)).rotate();
    expect(rotation).toEqual({ resealed: 2, current: 0, unreadable: [] });
    const { privateKeySealed } = (await persistence.githubApps.find(host))!;
    const context = sealedContext('github_apps', 'private_key_sealed', host);
    expect(boxOf(NEW).open(privateKeySealed, context)).toBe('private_key_sealed');
    await persistence.githubApps.remove(host);
  });

  it('keep a start from going on without their key', async () => {
    await add(boxOf(OLD), 1);
    await expect(persistence.sealedSecrets(boxOf(NEW)).assertKeys()).rejects.toThrow(SecretsLocked);
    await expect(persistence.sealedSecrets(boxOf(NEW, OLD)).assertKeys()).resolves.toBeUndefined();
  });
});
