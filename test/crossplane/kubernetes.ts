import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type CertificateAuthority, createServiceAccountKeys } from './certificates.ts';
import { run } from './commands.ts';
import { freePorts } from './free-ports.ts';
import type { RunningProcess, Supervisor } from './supervisor.ts';
import { tool } from './tools.ts';
import { waitFor } from './wait-for.ts';

export interface Kubernetes {
  /** The path of a kubeconfig with the group system:masters. */
  readonly kubeconfig: string;
  /** The environment for programs that talk to this API server. */
  readonly environment: NodeJS.ProcessEnv;
  /** Runs kubectl with this kubeconfig; gives standard output, fails with standard error. */
  kubectl(args: readonly string[], stdin?: string): Promise<string>;
  /** Server-side apply of one object. */
  apply(object: object): Promise<void>;
  /** Stops the API server, starts it again on the same port and waits until it is ready. */
  restartApiServer(): Promise<void>;
}

/**
 * Starts etcd, the API server and the controllers that delete things, with their files under `directory`. Gives them once
 * the API server is ready. `onProgress` is called with the name of what starts.
 */
export async function startKubernetes(
  directory: string,
  authority: CertificateAuthority,
  processes: Supervisor,
  onProgress: (line: string) => void,
): Promise<Kubernetes> {
  const certificates = join(directory, 'certificates');
  const certs = { apiServer: join(certificates, 'api-server'), admin: join(certificates, 'admin') };
  const serviceAccountKey = join(certificates, 'service-accounts.key');
  const serviceAccountPublicKey = join(certificates, 'service-accounts.pub');
  await createServiceAccountKeys(serviceAccountKey, serviceAccountPublicKey);
  await authority.issue(certs.apiServer, {
    commonName: 'kube-apiserver',
    usage: 'serverAuth',
    // 10.0.0.1 is the first address of the service range below.
    names: ['DNS:localhost', 'IP:127.0.0.1', 'IP:10.0.0.1'],
  });
  await authority.issue(certs.admin, { commonName: 'admin', organization: 'system:masters', usage: 'clientAuth' });

  const [etcdPort, etcdPeerPort, apiPort] = await freePorts(3);
  const kubeconfig = join(directory, 'kubeconfig.yaml');
  writeFileSync(kubeconfig, stringify(kubeconfigFor(`https://127.0.0.1:${apiPort}`, certs.admin)), { mode: 0o600 });
  const environment = { ...process.env, KUBECONFIG: kubeconfig, KUBECACHEDIR: join(directory, 'kubectl') };
  const kubectl: Kubernetes['kubectl'] = (args, stdin) =>
    run(tool('kubectl'), args, { env: environment, ...(stdin === undefined ? {} : { stdin }) });

  onProgress('etcd');
  const etcdUrl = `http://127.0.0.1:${etcdPort}`;
  const etcdPeerUrl = `http://127.0.0.1:${etcdPeerPort}`;
  const etcd = await processes.start('etcd', tool('etcd'), [
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${etcdUrl}`,
    `--advertise-client-urls=${etcdUrl}`,
    `--listen-peer-urls=${etcdPeerUrl}`,
    `--initial-advertise-peer-urls=${etcdPeerUrl}`,
    `--initial-cluster=default=${etcdPeerUrl}`,
    // The data never has to survive a power cut.
    '--unsafe-no-fsync',
  ]);

  const startApiServer = async (): Promise<RunningProcess> => {
    const apiServer = await processes.start('kube-apiserver', tool('kube-apiserver'), [
      `--etcd-servers=${etcdUrl}`,
      '--bind-address=127.0.0.1',
      `--secure-port=${apiPort}`,
      `--tls-cert-file=${certs.apiServer}/tls.crt`,
      `--tls-private-key-file=${certs.apiServer}/tls.key`,
      `--client-ca-file=${authority.certificate}`,
      `--service-account-key-file=${serviceAccountPublicKey}`,
      `--service-account-signing-key-file=${serviceAccountKey}`,
      '--service-account-issuer=https://localhost',
      '--service-cluster-ip-range=10.0.0.0/24',
      '--authorization-mode=RBAC',
      // There are no Pods that would need a token mounted.
      '--disable-admission-plugins=ServiceAccount',
    ]);
    await waitFor('the API server', async () => (await kubectl(['get', '--raw', '/readyz'])) === 'ok', {
      deadlineMs: 240_000,
      processes: [apiServer, etcd],
    });
    return apiServer;
  };
  onProgress('kube-apiserver');
  let apiServer = await startApiServer();

  onProgress('kube-controller-manager');
  // Without the garbage collector nothing with an ownerReference ever goes away.
  await processes.start('kube-controller-manager', tool('kube-controller-manager'), [
    `--kubeconfig=${kubeconfig}`,
    '--controllers=garbage-collector-controller,namespace-controller,clusterrole-aggregation-controller',
    '--leader-elect=false',
    // Its own port would be the fixed 10257.
    '--secure-port=0',
  ]);

  return {
    kubeconfig,
    environment,
    kubectl,
    apply: async (object) => {
      await kubectl(['apply', '--server-side', '-f', '-'], JSON.stringify(object));
    },
    restartApiServer: async () => {
      await apiServer.stop();
      apiServer = await startApiServer();
    },
  };
}

const kubeconfigFor = (server: string, certs: string): object => ({
  apiVersion: 'v1',
  kind: 'Config',
  clusters: [
    {
      name: 'local',
      cluster: { server, 'certificate-authority-data': readFileSync(`${certs}/ca.crt`).toString('base64') },
    },
  ],
  users: [
    {
      name: 'admin',
      user: {
        'client-certificate-data': readFileSync(`${certs}/tls.crt`).toString('base64'),
        'client-key-data': readFileSync(`${certs}/tls.key`).toString('base64'),
      },
    },
  ],
  contexts: [{ name: 'local', context: { cluster: 'local', user: 'admin' } }],
  'current-context': 'local',
});
