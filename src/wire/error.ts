/**
 * The one error of the wire codec: bytes that are not the message they should be, a limit that is exceeded, or a value
 * that the message cannot hold. The message is one line and never quotes a value, because values can be secrets.
 */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** A value that cannot be written. On its way up every level adds where it was, innermost first. */
export class UnwritableError extends WireError {
  readonly #path: string[] = [];

  /** Adds the field, map key or list index in which the error occurred. */
  within(step: string | number): this {
    const plain = typeof step === 'string' && /^[A-Za-z_$][\w$]*$/.test(step);
    this.#path.push(plain ? `.${step}` : `[${JSON.stringify(step)}]`);
    return this;
  }

  /** The error for the caller: where, then what. A long path, as that of a cycle, is cut. */
  located(message: string): WireError {
    const path = this.#path.reverse();
    const shown = path.length > 40 ? [...path.slice(0, 40), '…'] : path;
    return new WireError(`cannot write ${message}${shown.join('')}: ${this.message}`);
  }
}
