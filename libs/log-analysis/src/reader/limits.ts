/** Bytes of one physical line that are kept; the rest is dropped where it stands and the cut is marked. */
export const MAX_LINE_BYTES = 32_768;
/** Characters of a line that rules look at. */
export const MAX_RULE_CHARS = 4_000;
/** Bytes worked on between two looks at the clock: about a millisecond of work. */
export const PIECE_BYTES = 65_536;
/** Longest stretch without giving other work of the process a turn, in milliseconds. */
export const MAX_STRETCH_MS = 6;
/** What an archive may hold unpacked, in bytes, and how often its packed size that may be. */
export const MAX_UNPACKED_BYTES = 2_000_000_000;
export const MAX_UNPACK_RATIO = 200;
/** An archive is read as a whole (its directory stands at the end), so its packed size is bounded too. */
export const MAX_ARCHIVE_BYTES = 128_000_000;
