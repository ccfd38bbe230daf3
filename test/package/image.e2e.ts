import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { bundleDumps, bundleFailoverCall, bundleServer } from '../../tools/package/bundle.ts';
import { entrypoint } from '../../tools/package/code-cache.ts';
import { isCompiled, stageContext } from '../../tools/package/image.ts';
import { hostArchitecture } from '../../tools/package/libraries.ts';
import type { Architecture } from '../../tools/package/node-binary.ts';
import { createCertificateAuthority } from '../crossplane/certificates.ts';
import { execute, run } from '../crossplane/commands.ts';
import { type Supervisor, superviseProcesses } from '../crossplane/supervisor.ts';
import { repositoryRoot, tool } from '../crossplane/tools.ts';
import { callFunction, clientCredentials, connect, statusOf } from '../server/calls.ts';
import { type BuiltPackages, buildPackages } from './build.ts';
import { loadImage, type RunningImage, removeImage, startImage } from './run-image.ts';

const GRPC_UNAVAILABLE = 14;

/** Every file of the image. */
const FILES: Readonly<Record<Architecture, { readonly triplet: string; readonly loader: string }>> = {
  amd64: { triplet: 'x86_64-linux-gnu', loader: 'lib64/ld-linux-x86-64.so.2' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'lib/ld-linux-aarch64.so.1' },
};
const expectedFiles = (architecture: Architecture): string[] => {
  const { triplet, loader } = FILES[architecture];
  const libraries = ['libc.so.6', 'libdl.so.2', 'libgcc_s.so.1', 'libm.so.6', 'libpthread.so.0', 'libstdc++.so.6'];
  return [
    'dumps.cjs',
    'failover.cjs',
    ...(isCompiled(architecture) ? ['function.cache'] : []),
    'function.cjs',
    'start.cjs',
    ...libraries.map((library) => `lib/${triplet}/${library}`),
    loader,
    'usr/bin/node',
    'usr/share/doc/function-postgresql/LICENSE',
    'usr/share/doc/function-postgresql/THIRD_PARTY_LICENSES',
    'usr/share/doc/libc6/copyright',
    'usr/share/doc/libgcc-s1/copyright',
    'usr/share/doc/libstdc++6/copyright',
    'usr/share/doc/node/LICENSE',
  ].sort();
};

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();

describe('npm run package', { concurrency: false }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'package-image-'));
  let built: BuiltPackages;
  let processes: Supervisor;
  let image: RunningImage;
  let loaded: string | undefined;

  /** The files of an image tarball, flattened as a container would see them, in a folder of their own. */
  const unpacked = async (tarball: string, name: string): Promise<string> => {
    const [flat, target] = [join(folder, `${name}.tar`), join(folder, name)];
    await run('sh', ['-c', '"$1" export - "$2" <"$3"', 'sh', tool('crane'), flat, tarball]);
    await run('mkdir', [target]);
    await run('tar', ['-xf', flat, '-C', target]);
    return target;
  };

  before(async () => {
    built = await buildPackages();
    console.log(built.log.trim());
    processes = superviseProcesses(folder);
  });

  after(async () => {
    await processes?.stopAll();
    if (loaded !== undefined) await removeImage(loaded);
    built?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('puts nothing into the image that does not belong there', async () => {
    const root = 'root' in built.image ? built.image.root : await unpacked(built.image.tarball, 'image');
    assert.deepEqual(filesBelow(root), expectedFiles(hostArchitecture));
  });

  it('makes an image that says how it runs', async (test) => {
    if (!('tarball' in built.image)) return test.skip('no Docker Engine answers');
    const reference = await loadImage(built.image.tarball);
    loaded = reference;
    const [{ Architecture, Config }] = JSON.parse(await run('docker', ['image', 'inspect', reference]));
    assert.equal(Architecture, hostArchitecture);
    assert.equal(Config.User, '2000:2000');
    assert.deepEqual(Config.Entrypoint, ['/usr/bin/node', ...entrypoint().flags, '/start.cjs']);
    assert.equal(Config.Cmd, null);
    assert.deepEqual(Object.keys(Config.ExposedPorts).sort(), ['8080/tcp', '9443/tcp']);
    assert.ok(Config.Env.includes('MALLOC_ARENA_MAX=1'));
    const shell = await execute('docker', ['run', '--rm', '--entrypoint=/bin/sh', reference, '-c', 'true']);
    assert.notEqual(shell.code, 0);
  });

  it('serves as user 2000 on a read-only root with mutual TLS', async () => {
    const authority = await createCertificateAuthority(join(folder, 'ca'));
    await authority.issue(join(folder, 'server'), {
      commonName: 'localhost',
      usage: 'serverAuth',
      names: ['DNS:localhost'],
    });
    await authority.issue(join(folder, 'client'), { commonName: 'crossplane', usage: 'clientAuth' });
    const what = 'root' in built.image ? built.image : { reference: loaded ?? (await loadImage(built.image.tarball)) };
    image = await startImage(what, join(folder, 'server'), processes);
    console.log(`started: ${image.how}`);

    const client = connect(image.grpcPort, clientCredentials(join(folder, 'client')));
    const { desired, results } = await callFunction(client);
    assert.deepEqual(results, []);
    assert.ok(desired?.resources['resource-group']);
    client.close();

    const stranger = connect(image.grpcPort);
    assert.equal(await statusOf(callFunction(stranger)), GRPC_UNAVAILABLE);
    stranger.close();
    const metrics = await (await fetch(`http://127.0.0.1:${image.httpPort}/metrics`)).text();
    assert.match(metrics, /^function_calls_total\{outcome="success"\} 1$/m);
  });

  it('ends when it is told to', async () => {
    await image.process.stop();
    assert.equal(image.process.ended(), 'exited with status 0');
    assert.match(readFileSync(image.process.logFile, 'utf8'), /"message":"stopped"/);
  });

  const packaged = async (file: string, name: string) => {
    const root = await unpacked(file, name);
    const stream = parseAllDocuments(readFileSync(join(root, 'package.yaml'), 'utf8'));
    // The stream begins with an empty document.
    const documents = stream.map((each) => each.toJS()).filter((object) => object !== null);
    return { root, documents, objects: documents.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort() };
  };

  it('puts the metadata, the input and the image into the Function package', async () => {
    const { root, objects } = await packaged(built.functionFile, 'function');
    assert.deepEqual(objects, [
      'CustomResourceDefinition failoveroperations.postgresql.fn.platform.io',
      'CustomResourceDefinition inputs.postgresql.fn.platform.io',
      'Function function-postgresql',
    ]);
    const image = 'tarball' in built.image ? expectedFiles(hostArchitecture) : [];
    assert.deepEqual(
      filesBelow(root).filter((file) => file !== '.up/examples.yaml'),
      [...image, 'package.yaml'].sort(),
    );
  });

  it('puts an API, its Composition, its activation policy and its examples into each Configuration package', async () => {
    const namespaced = await packaged(built.configurations.namespaced, 'namespaced');
    assert.deepEqual(namespaced.objects, [
      'CompositeResourceDefinition xpostgresqldatabases.database.platform.io',
      'Composition xpostgresqldatabases-azure',
      'Configuration configuration-postgresql',
      'ManagedResourceActivationPolicy xpostgresqldatabases-azure',
    ]);
    const claims = await packaged(built.configurations.claims, 'claims');
    assert.deepEqual(claims.objects, [
      'CompositeResourceDefinition xpostgresqldatabases.claims.database.platform.io',
      'Composition xpostgresqldatabases-azure-claims',
      'Configuration configuration-postgresql-claims',
      'ManagedResourceActivationPolicy xpostgresqldatabases-azure-claims',
    ]);
    for (const { root } of [namespaced, claims])
      assert.deepEqual(filesBelow(root), ['.up/examples.yaml', 'package.yaml']);
    const definition = parse(readFileSync(`${repositoryRoot}apis/claims/definition.yaml`, 'utf8'));
    assert.deepEqual(claims.documents.find(({ kind }) => kind === 'CompositeResourceDefinition').spec, definition.spec);
  });

  it('stages the other architecture, which runs where qemu-user is to be had', async (test) => {
    const other = hostArchitecture === 'amd64' ? 'arm64' : 'amd64';
    const apt = await execute('apt-get', ['--version']).catch(() => undefined);
    if (apt === undefined) return test.skip('no apt-get, so no libraries of another architecture');
    const context = join(folder, `context-${other}`);
    await run('mkdir', [context]);
    const file = join(folder, 'function.cjs');
    const bundle = { ...(await bundleServer(file)), file };
    const dumpsFile = join(folder, 'dumps.cjs');
    const dumps = { ...(await bundleDumps(dumpsFile)), file: dumpsFile };
    const callFile = join(folder, 'failover.cjs');
    const failoverCall = { ...(await bundleFailoverCall(callFile)), file: callFile };
    try {
      await stageContext({ architecture: other, base: 'scratch', bundle, dumps, failoverCall }, context);
    } catch (error) {
      // Debian's mirror out of reach says nothing about the package.
      if (!/apt-get/.test(String(error))) throw error;
      console.log(`${other}: not staged: ${error}`);
      return test.skip('Debian packages of another architecture cannot be had');
    }
    assert.deepEqual(filesBelow(context), ['Dockerfile', ...expectedFiles(other).map((path) => `root/${path}`)]);

    const root = join(context, 'root');
    const emulator = other === 'arm64' ? 'qemu-aarch64-static' : 'qemu-x86_64-static';
    const command = ['-L', root, join(root, 'usr/bin/node'), ...entrypoint().flags, join(root, 'start.cjs')];
    const help = await execute(emulator, [...command, '--help']).catch(() => undefined);
    if (help === undefined) console.log(`${other}: staged, not executed: no ${emulator}`);
    else {
      assert.equal(help.code, 0, help.stderr);
      assert.match(help.stdout, /^Usage: function-postgresql/);
      console.log(`${other}: executed by ${emulator}`);
    }
  });
});
