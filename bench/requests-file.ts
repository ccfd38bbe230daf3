import { readFileSync, writeFileSync } from 'node:fs';

/** Writes messages one after the other, each with its length in four bytes before it. */
export function writeMessages(file: string, messages: readonly Buffer[]): void {
  writeFileSync(
    file,
    Buffer.concat(
      messages.flatMap((message) => {
        const length = Buffer.alloc(4);
        length.writeUInt32BE(message.length);
        return [length, message];
      }),
    ),
  );
}

export function readMessages(file: string): Buffer[] {
  const bytes = readFileSync(file);
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 4 + bytes.readUInt32BE(at);
    messages.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return messages;
}
