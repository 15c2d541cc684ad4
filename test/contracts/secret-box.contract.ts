import fc from 'fast-check';
import { SecretUnreadable, type SecretBox } from '@app/domain';
import { describe, expect, it } from 'vitest';

/** What every secret box does. `other` makes one with other keys. */
export function secretBoxContract(name: string, make: () => { box: SecretBox; other: SecretBox }): void {
  describe(`secret box: ${name}`, () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });

    it('gives back what was sealed, for what it was sealed for', () => {
      const { box } = make();
      fc.assert(
        fc.property(text, text, (plain, context) => {
          const sealed = box.seal(plain, context);
          expect(sealed).toMatch(/^\S+$/);
          expect(box.open(sealed, context)).toBe(plain);
        }),
      );
    });

    it('opens for nothing else', () => {
      const { box } = make();
      fc.assert(
        fc.property(text, text, text, (plain, context, another) => {
          fc.pre(context !== another);
          const sealed = box.seal(plain, context);
          expect(() => box.open(sealed, another)).toThrow(SecretUnreadable);
        }),
      );
    });

    it('seals the same secret differently each time', () => {
      const { box } = make();
      expect(box.seal('one', 'a')).not.toBe(box.seal('one', 'a'));
    });

    it('does not open with other keys, and names the key that is missing', () => {
      const { box, other } = make();
      const sealed = box.seal('one', 'a');
      expect(() => other.open(sealed, 'a')).toThrow(SecretUnreadable);
      expect(other.keyIds()).not.toContain(other.keyIdOf(sealed));
      expect(box.keyIdOf(sealed)).toBe(box.keyIds()[0]);
    });

    it.each(['', 'plain', 's1.', 's1..', 's1.abcdefabcdef.', 's1.abcdefabcdef.AAAA', 'fake.fake.AAAA'])(
      'refuses what it never sealed: %j',
      (text) => {
        expect(() => make().box.open(text, 'a')).toThrow(SecretUnreadable);
      },
    );

    it('says of a text that is not sealed that no key made it', () => {
      expect(make().box.keyIdOf('whsec_123')).toBeNull();
    });
  });
}
