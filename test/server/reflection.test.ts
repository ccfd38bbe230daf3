import { create, createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type Client, credentials, makeGenericClientConstructor, status } from '@grpc/grpc-js';
import { service as healthService } from 'grpc-health-check';
import { connect } from './calls.ts';
import { type InProcess, serveInProcess } from './in-process.ts';

const passThrough = (bytes: Buffer): Buffer => bytes;
const SERVICES = [
  'apiextensions.fn.proto.v1.FunctionRunnerService',
  'apiextensions.fn.proto.v1beta1.FunctionRunnerService',
  'grpc.health.v1.Health',
];

let server: InProcess;
let client: Client;

beforeAll(async () => {
  server = await serveInProcess();
  client = connect(server.port);
});

afterAll(async () => {
  client.close();
  await server.stop(1000);
});

describe.each(['v1', 'v1alpha'])('grpc.reflection.%s', (version) => {
  /** Sends ServerReflectionRequests with one string field each and gives the responses. */
  function reflect(...questions: [field: number, value: string][]): Promise<Buffer[]> {
    const stream = client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      passThrough,
      passThrough,
    );
    for (const [field, value] of questions)
      stream.write(Buffer.from(new BinaryWriter().tag(field, 2).string(value).finish()));
    stream.end();
    const answers: Buffer[] = [];
    return new Promise((resolve, reject) => {
      stream.on('data', (answer) => answers.push(answer));
      stream.on('error', reject);
      stream.on('end', () => resolve(answers));
    });
  }

  /** All values of a length-delimited field. */
  function values(message: Uint8Array | undefined, wanted: number): Uint8Array[] {
    const reader = new BinaryReader(message ?? new Uint8Array());
    const found: Uint8Array[] = [];
    while (reader.pos < reader.len) {
      const [field, wireType] = reader.tag();
      if (field === wanted) found.push(reader.bytes());
      else reader.skip(wireType);
    }
    return found;
  }

  it('lists the services', async () => {
    const [answer] = await reflect([7, '*']);
    const names = values(values(answer, 6)[0], 1).map((entry) => String(Buffer.from(values(entry, 1)[0] ?? [])));
    expect(names).toEqual([
      ...SERVICES,
      'grpc.reflection.v1.ServerReflection',
      'grpc.reflection.v1alpha.ServerReflection',
    ]);
  });

  it.each(SERVICES)('describes %s with all that it imports', async (name) => {
    const [answer] = await reflect([4, name]);
    const files = values(values(answer, 4)[0], 1).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    // Fails for a file without its imports; a file comes after what it imports.
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: files.toReversed() }));
    const methods = registry.getService(name)?.methods.map((method) => method.name);
    expect(methods).toEqual(name.startsWith('grpc') ? ['Check', 'List', 'Watch'] : ['RunFunction']);
  });

  it('finds messages, nested ones, enums, methods and files', async () => {
    const scope = 'apiextensions.fn.proto.v1';
    const known: [number, string][] = [
      [4, `${scope}.RunFunctionRequest`],
      [4, `${scope}.RunFunctionRequest.CredentialsEntry`],
      [4, `${scope}.Ready`],
      [4, `${scope}.FunctionRunnerService.RunFunction`],
      [3, 'google/protobuf/struct.proto'],
    ];
    for (const answer of await reflect(...known)) expect(values(answer, 4)).toHaveLength(1);
  });

  it('says so when it does not know something, and refuses what is no request', async () => {
    for (const answer of await reflect([4, 'no.such.Thing'], [3, 'no.proto'], [5, 'x'])) {
      const [error] = values(answer, 7);
      expect(new BinaryReader(error ?? new Uint8Array()).tag()).toEqual([1, 0]);
      expect(error?.[1]).toBe(status.NOT_FOUND);
    }
    const stream = client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      passThrough,
      passThrough,
    );
    const code = new Promise((resolve) => stream.on('error', (error) => resolve('code' in error && error.code)));
    stream.resume();
    stream.write(Buffer.from([0xff]));
    expect(await code).toBe(status.INVALID_ARGUMENT);
  });
});

describe('grpc.health.v1', () => {
  const Health = makeGenericClientConstructor(healthService, 'Health');
  const health = (port: number) => new Health(`127.0.0.1:${port}`, connectCredentials);
  const connectCredentials = credentials.createInsecure();

  const check = (from: InstanceType<typeof Health>, service: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      from.check?.({ service }, (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer)));
    });

  it('knows the server and its services', async () => {
    const from = health(server.port);
    for (const service of ['', ...SERVICES.slice(0, 2)])
      expect(await check(from, service)).toEqual({ status: 'SERVING' });
    await expect(check(from, 'nothing')).rejects.toMatchObject({ code: status.NOT_FOUND });
    const list = await new Promise((resolve, reject) => {
      from.list?.({}, (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer)));
    });
    expect(list).toEqual({
      statuses: Object.fromEntries(['', ...SERVICES.slice(0, 2)].map((name) => [name, { status: 'SERVING' }])),
    });
    from.close();
  });

  it('tells those who watch that the server stops, and does not wait for them', async () => {
    const stopping = await serveInProcess();
    const from = health(stopping.port);
    const seen: unknown[] = [];
    const ended = Promise.all(
      ['', 'nothing'].map(
        (service) =>
          new Promise<void>((resolve) => {
            const watch = from.watch?.({ service });
            watch.on('data', (answer: unknown) => {
              seen.push([service, answer]);
              if (seen.length === 2) void stopping.stop(5000).then((drained) => seen.push(drained));
            });
            watch.on('error', () => {});
            watch.on('end', resolve);
          }),
      ),
    );
    await ended;
    while (seen.length < 5) await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(
      expect.arrayContaining([
        ['', { status: 'SERVING' }],
        ['', { status: 'NOT_SERVING' }],
        ['nothing', { status: 'SERVICE_UNKNOWN' }],
        true,
      ]),
    );
    from.close();
  });
});
