export type Level = 'debug' | 'info' | 'warn' | 'error';

/** Values of a log line. Names, numbers and identifiers only: never a value of a spec, a status or a Secret. */
export type Fields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one line of JSON. Fields that take work are given as a function, called only when the line is written. */
export type Log = (level: Level, message: string, fields?: Fields | (() => Fields)) => void;

/** A log to `write`; lines of level debug only when asked for. */
export function createLog(write: (line: string) => void, debug: boolean): Log {
  return (level, message, fields) => {
    if (level === 'debug' && !debug) return;
    write(
      `${JSON.stringify({ time: new Date().toISOString(), level, message, ...(typeof fields === 'function' ? fields() : fields) })}\n`,
    );
  };
}

/**
 * What may be logged of an unexpected error: its class, code and place. Its message may quote a value.
 */
export function errorFields(error: unknown): Fields {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ {4}at /.test(line));
  return {
    error: error.name,
    code: 'code' in error ? String(error.code) : undefined,
    stack: frames
      .slice(0, 8)
      .map((line) => line.trim())
      .join(' < '),
  };
}
