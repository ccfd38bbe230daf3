import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';
import { bytesMethod } from './bytes-method.ts';
import { FILE_DESCRIPTORS } from './descriptors.generated.ts';

/** Both names are in use; their messages are the same (grpc-proto grpc/reflection/v1/reflection.proto). */
const REFLECTION_SERVICES = ['grpc.reflection.v1.ServerReflection', 'grpc.reflection.v1alpha.ServerReflection'];

/**
 * Adds gRPC reflection for `services`, with which tools such as grpcurl find out how to call them. By hand, because
 * @grpc/reflection reads its messages' definition from files at run time and brings a protobuf compiler along. A file is
 * answered with all it imports; extensions, of which there are none here, are not looked for.
 */
export function addReflection(server: Server, services: readonly string[]): void {
  const listed = [...services, ...REFLECTION_SERVICES];
  const reflect = (call: ServerDuplexStream<Buffer, Buffer>): void => {
    call.on('data', (request: Buffer) => {
      const reply = answer(request, listed);
      if (reply === undefined)
        call.emit('error', { code: status.INVALID_ARGUMENT, details: 'the request could not be read' });
      else call.write(reply);
    });
    call.on('end', () => call.end());
  };
  for (const service of REFLECTION_SERVICES)
    server.addService(
      { serverReflectionInfo: bytesMethod(`/${service}/ServerReflectionInfo`, { request: true, response: true }) },
      { serverReflectionInfo: reflect },
    );
}

/** Fields of ServerReflectionRequest. */
const FILE_BY_FILENAME = 3;
const FILE_CONTAINING_SYMBOL = 4;
const LIST_SERVICES = 7;

/** Fields of ServerReflectionResponse. */
const ORIGINAL_REQUEST = 2;
const FILE_DESCRIPTOR_RESPONSE = 4;
const LIST_SERVICES_RESPONSE = 6;
const ERROR_RESPONSE = 7;

/** The ServerReflectionResponse to a ServerReflectionRequest; undefined when the bytes are none. */
function answer(request: Buffer, services: readonly string[]): Buffer | undefined {
  const asked = read(request);
  if (asked === undefined) return undefined;
  const response = new BinaryWriter().tag(ORIGINAL_REQUEST, 2).bytes(request);
  if (asked.field === LIST_SERVICES) {
    response.tag(LIST_SERVICES_RESPONSE, 2).fork();
    for (const service of services) response.tag(1, 2).fork().tag(1, 2).string(service).join();
    return Buffer.from(response.join().finish());
  }
  const files = index();
  const file =
    asked.field === FILE_BY_FILENAME
      ? files.byName.get(asked.value)
      : asked.field === FILE_CONTAINING_SYMBOL
        ? files.bySymbol.get(asked.value)
        : undefined;
  if (file) {
    response.tag(FILE_DESCRIPTOR_RESPONSE, 2).fork();
    for (const { bytes } of withImports(file, files.byName)) response.tag(1, 2).bytes(bytes);
  } else {
    response.tag(ERROR_RESPONSE, 2).fork().tag(1, 0).int32(status.NOT_FOUND).tag(2, 2).string('not known here');
  }
  return Buffer.from(response.join().finish());
}

function read(request: Buffer): { readonly field: number; readonly value: string } | undefined {
  try {
    const reader = new BinaryReader(request);
    let asked = { field: 0, value: '' };
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === FILE_BY_FILENAME || field === FILE_CONTAINING_SYMBOL || field === LIST_SERVICES)
        asked = { field, value: reader.string() };
      else reader.skip(wireType);
    }
    return asked;
  } catch {
    return undefined;
  }
}

interface File {
  readonly name: string;
  readonly bytes: Buffer;
  readonly imports: readonly string[];
  /** Full names of its messages, enums, services and methods. */
  readonly symbols: readonly string[];
}

interface Index {
  readonly byName: ReadonlyMap<string, File>;
  readonly bySymbol: ReadonlyMap<string, File>;
}

let built: Index | undefined;

/** Built at the first question, as most servers are never asked. */
function index(): Index {
  if (built === undefined) {
    const files = Object.values(FILE_DESCRIPTORS).map((base64) => readFile(Buffer.from(base64, 'base64')));
    built = {
      byName: new Map(files.map((file) => [file.name, file])),
      bySymbol: new Map(files.flatMap((file) => file.symbols.map((symbol) => [symbol, file]))),
    };
  }
  return built;
}

/** FileDescriptorProto: 1 name, 2 package, 3 dependency, 4 message_type, 5 enum_type, 6 service. */
function readFile(bytes: Buffer): File {
  const reader = new BinaryReader(bytes);
  let name = '';
  let scope = '';
  const imports: string[] = [];
  const symbols: string[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) name = reader.string();
    else if (field === 2) scope = reader.string();
    else if (field === 3) imports.push(reader.string());
    else if (field === 4) symbols.push(...named(reader.bytes(), scope, { nested: [3, 4] }));
    else if (field === 5) symbols.push(...named(reader.bytes(), scope, { nested: [] }));
    else if (field === 6) symbols.push(...named(reader.bytes(), scope, { nested: [2] }));
    else reader.skip(wireType);
  }
  return { name, bytes, imports, symbols };
}

/** Its own full name and those of what is declared in it. In all descriptors field 1 is the name, which comes first. */
function named(bytes: Uint8Array, scope: string, { nested }: { readonly nested: readonly number[] }): string[] {
  const reader = new BinaryReader(bytes);
  let name = scope;
  const symbols: string[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) name = `${scope}.${reader.string()}`;
    else if (nested.includes(field))
      symbols.push(...named(reader.bytes(), name, { nested: field === 3 ? [3, 4] : [] }));
    else reader.skip(wireType);
  }
  return [name, ...symbols];
}

/** The file first, then what it imports, directly or not. */
function withImports(file: File, byName: ReadonlyMap<string, File>): Set<File> {
  const found = new Set([file]);
  // A Set visits what is added to it on the way.
  for (const { imports } of found)
    for (const name of imports) {
      const imported = byName.get(name);
      if (imported) found.add(imported);
    }
  return found;
}
