import { InvalidInput } from '@app/domain';

/** Reads an option's value. The parser throws InvalidInput for anything but a whole number within the bounds. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new InvalidInput(`“${text}” is not a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}
