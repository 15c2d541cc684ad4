const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids come from URLs and hold anything; what is no UUID names nothing, and the database would refuse it. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}
