import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority } from './certificates.ts';
import { run } from './commands.ts';
import { freePorts } from './free-ports.ts';
import { startKubernetes } from './kubernetes.ts';
import { type Registry, startRegistry } from './registry.ts';
import { type RunningProcess, type Supervisor, superviseProcesses } from './supervisor.ts';
import { crossplaneClusterFiles, tool } from './tools.ts';
import { usageWebhook } from './usage-webhook.ts';
import { waitFor } from './wait-for.ts';

export const crossplaneNamespace = 'crossplane-system';

export interface ControlPlaneOptions {
  /** How often Crossplane looks at resources without an event, as a Go duration. Default `10s`. */
  pollInterval?: string;
  /** More flags for `crossplane core start`. */
  coreArgs?: readonly string[];
  /** Also starts an OCI registry. Default false. */
  registry?: boolean;
  /** Called with one short line for every step of the start. */
  onProgress?: (line: string) => void;
}

export interface ControlPlane {
  /** The path of a kubeconfig with the group system:masters. */
  readonly kubeconfig: string;
  /** `ca.crt`, `tls.crt` and `tls.key` for a function that is reached as `localhost` or 127.0.0.1. */
  readonly functionCertsDir: string;
  /** The same three files of the client that Crossplane is to a function. */
  readonly clientCertsDir: string;
  readonly logsDir: string;
  /** Crossplane's Prometheus metrics. */
  readonly metricsUrl: string;
  /** There when asked for in the options. */
  readonly registry?: Registry;
  /** Runs kubectl with this control plane's kubeconfig; gives standard output, fails with standard error. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /**
   * Makes the active revision of the function `name` (a Composition's functionRef.name) without a package, or points it
   * to another endpoint. `endpoint` is a gRPC target such as `dns:///localhost:9443`.
   */
  applyFunctionRevision(name: string, endpoint: string): Promise<void>;
  /** Stops Crossplane, starts it again and waits until it is ready. */
  restartCore(): Promise<void>;
  /** Stops the API server, starts it again on the same port and waits until it is ready. */
  restartApiServer(): Promise<void>;
  /** The ids of all processes of this control plane. */
  pids(): number[];
  /** Stops all processes and removes all files; the logs stay when `keepLogs` is true. */
  stop(options?: { keepLogs?: boolean }): Promise<void>;
}

/**
 * Starts etcd, the Kubernetes API server, its garbage collector and Crossplane on free ports of 127.0.0.1, with all files
 * in a temporary folder. Needs the binaries of `tools/build.sh` and openssl. No process outlives the caller, however
 * the caller ends. When the start fails everything is stopped, the logs stay and the error names them.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), 'crossplane-'));
  const logsDir = join(directory, 'logs');
  mkdirSync(logsDir);
  const processes = superviseProcesses(logsDir);
  const stop: ControlPlane['stop'] = async ({ keepLogs = false } = {}) => {
    // The API server waits much longer for its open watches, and nothing of this state is kept.
    await processes.stopAll(2_000);
    const leftovers = keepLogs ? ['certificates', 'etcd', 'xpkg', 'kubectl'] : ['.'];
    for (const leftover of leftovers) rmSync(join(directory, leftover), { recursive: true, force: true });
  };
  try {
    return { ...(await start(directory, logsDir, processes, options)), stop };
  } catch (error) {
    await stop({ keepLogs: true });
    throw error;
  }
}

async function start(
  directory: string,
  logsDir: string,
  processes: Supervisor,
  { pollInterval = '10s', coreArgs = [], registry = false, onProgress = () => {} }: ControlPlaneOptions,
): Promise<Omit<ControlPlane, 'stop'>> {
  const certsDir = (name: string): string => join(directory, 'certificates', name);
  onProgress('certificates');
  const authority = await createCertificateAuthority(certsDir('ca'));
  const loopback = { commonName: 'localhost', usage: 'serverAuth', names: ['DNS:localhost', 'IP:127.0.0.1'] } as const;
  await authority.issue(certsDir('crossplane-webhook'), loopback);
  await authority.issue(certsDir('function'), loopback);
  // The name that Crossplane gives itself (core v2.3.4 init.go).
  const commonName = `crossplane.${crossplaneNamespace}`;
  await authority.issue(certsDir('crossplane-client'), {
    commonName,
    usage: 'clientAuth',
    names: [`DNS:${commonName}`],
  });

  const kubernetes = await startKubernetes(directory, authority, processes, onProgress);
  const { kubeconfig, environment, kubectl, apply, restartApiServer } = kubernetes;
  const [webhookPort, metricsPort, probePort] = await freePorts(3);

  onProgress('crossplane core init');
  await apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: crossplaneNamespace } });
  const initialize = (): Promise<string> =>
    run(tool('crossplane-core'), ['core', 'init'], {
      env: {
        ...environment,
        POD_NAMESPACE: crossplaneNamespace,
        CRDS_PATH: join(crossplaneClusterFiles(), 'crds'),
        // Init would register the webhooks at a Service; there is none here, see below.
        ENABLE_WEBHOOKS: 'false',
        TLS_CA_SECRET_NAME: 'crossplane-root-ca',
        TLS_CLIENT_SECRET_NAME: 'crossplane-tls-client',
      },
    });
  // Init does not wait until the API server serves the CRDs that it has just made; its Pod is restarted then.
  await waitFor('crossplane core init', initialize);

  const xpkgCache = join(directory, 'xpkg');
  mkdirSync(xpkgCache);
  const startCore = async (): Promise<RunningProcess> => {
    const core = await processes.start(
      'crossplane-core',
      tool('crossplane-core'),
      [
        'core',
        'start',
        '--package-runtime=External',
        `--xpkg-cache-dir=${xpkgCache}`,
        `--metrics-port=${metricsPort}`,
        `--health-probe-port=${probePort}`,
        `--webhook-port=${webhookPort}`,
        `--tls-server-certs-dir=${certsDir('crossplane-webhook')}`,
        `--tls-client-certs-dir=${certsDir('crossplane-client')}`,
        `--poll-interval=${pollInterval}`,
        '--enable-operations',
        '--debug',
        ...coreArgs,
      ],
      { env: { ...environment, POD_NAMESPACE: crossplaneNamespace } },
    );
    // core v2.3.4 core.go: ready once the webhook server listens, which it does only with its controllers set up.
    await waitFor('Crossplane', async () => (await fetch(`http://127.0.0.1:${probePort}/readyz`)).ok, {
      deadlineMs: 240_000,
      processes: [core],
    });
    return core;
  };
  onProgress('crossplane core start');
  let core = await startCore();
  await apply(usageWebhook(webhookPort, authority.certificate));

  return {
    kubeconfig,
    functionCertsDir: certsDir('function'),
    clientCertsDir: certsDir('crossplane-client'),
    logsDir,
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    ...(registry ? { registry: await startRegistry(processes) } : {}),
    kubectl,
    applyFunctionRevision: async (name, endpoint) => {
      const revision = `${name}-direct`;
      await apply({
        apiVersion: 'pkg.crossplane.io/v1',
        kind: 'FunctionRevision',
        metadata: {
          name: revision,
          labels: { 'pkg.crossplane.io/package': name },
          // No package stands behind it that the package manager could unpack.
          annotations: { 'crossplane.io/paused': 'true' },
        },
        spec: { desiredState: 'Active', image: `127.0.0.1:1/${name}:v0.0.0`, revision: 1 },
      });
      const status = JSON.stringify({ status: { endpoint, capabilities: ['composition', 'operation'] } });
      await kubectl(['patch', 'functionrevision', revision, '--subresource=status', '--type=merge', '-p', status]);
    },
    restartCore: async () => {
      await core.stop();
      core = await startCore();
    },
    restartApiServer,
    pids: processes.pids,
  };
}
