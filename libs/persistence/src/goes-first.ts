/**
 * At the end of a statement: in the embedded database, which runs one at a time, it goes before those that wait. For what
 * somebody outside waits for and may give up on, as GitHub does on a delivery.
 */
export const GOES_FIRST = '/* goes first */';
