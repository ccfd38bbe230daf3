/** Milliseconds since 1970 of an RFC 3339 text, NaN for anything else. */
// biome-ignore lint/style/noRestrictedGlobals: it reads a text, never a clock
export const millisecondsOf = (time: string | undefined): number => Date.parse(time ?? '');
