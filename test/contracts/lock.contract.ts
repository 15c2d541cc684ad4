import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lock } from '@app/domain';

export interface LockUnderTest {
  readonly lock: Lock;
  close(): Promise<void>;
}

const LONG_MS = 60_000;

/** What every Lock does. */
export function lockContract(name: string, create: () => Promise<LockUnderTest>): void {
  describe(`Lock: ${name}`, () => {
    let sut: LockUnderTest;
    let lock: Lock;

    beforeEach(async () => {
      sut = await create();
      lock = sut.lock;
    });

    afterEach(() => sut.close());

    it('is held by one at a time, and free again after its release', async () => {
      const name = randomUUID();
      const held = await lock.tryAcquire(name, LONG_MS);
      expect(held).not.toBeNull();
      expect(await lock.tryAcquire(name, LONG_MS)).toBeNull();
      await held!.release();
      expect(await lock.tryAcquire(name, LONG_MS)).not.toBeNull();
    });

    it('is given to exactly one of many that ask at once', async () => {
      const name = randomUUID();
      const answers = await Promise.all(Array.from({ length: 50 }, () => lock.tryAcquire(name, LONG_MS)));
      expect(answers.filter((held) => held !== null)).toHaveLength(1);
    });

    it('keeps names apart', async () => {
      expect(await lock.tryAcquire(randomUUID(), LONG_MS)).not.toBeNull();
      expect(await lock.tryAcquire(randomUUID(), LONG_MS)).not.toBeNull();
    });

    it('ends with its lease, and then belongs to the next one: the first can neither renew nor free it', async () => {
      const name = randomUUID();
      const first = await lock.tryAcquire(name, 40);
      const second = await vi.waitFor(
        async () => {
          const held = await lock.tryAcquire(name, LONG_MS);
          expect(held).not.toBeNull();
          return held!;
        },
        { timeout: 10_000, interval: 10 },
      );
      expect(await first!.renew(LONG_MS)).toBe(false);
      await first!.release();
      expect(await lock.tryAcquire(name, LONG_MS)).toBeNull();
      expect(await second.renew(LONG_MS)).toBe(true);
    });

    it('gives every holder of a name a larger fence than the one before', async () => {
      const name = randomUUID();
      let last = 0;
      for (let holder = 0; holder < 5; holder += 1) {
        const held = await lock.tryAcquire(name, LONG_MS);
        expect(held!.fence).toBeGreaterThan(last);
        last = held!.fence;
        await held!.release();
      }
    });

    it('lasts longer when it is renewed', async () => {
      const name = randomUUID();
      // Long enough to be renewed in time on a busy machine.
      const leaseMs = 500;
      const held = await lock.tryAcquire(name, leaseMs);
      expect(await held!.renew(LONG_MS)).toBe(true);
      const short = randomUUID();
      expect(await lock.tryAcquire(short, leaseMs)).not.toBeNull();
      await vi.waitFor(async () => expect(await lock.tryAcquire(short, leaseMs)).not.toBeNull(), {
        timeout: 10_000,
        interval: 50,
      });
      expect(await lock.tryAcquire(name, LONG_MS)).toBeNull();
    });

    it('may be released twice', async () => {
      const held = await lock.tryAcquire(randomUUID(), LONG_MS);
      await held!.release();
      await expect(held!.release()).resolves.toBeUndefined();
      expect(await held!.renew(LONG_MS)).toBe(false);
    });
  });
}
