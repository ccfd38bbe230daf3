import { dockerEngine } from '../../../tools/package/image.ts';
import { type Controller, startController } from '../../azure/controller.ts';
import type { SentRequest } from '../../azure/state.ts';
import { type BuiltPackages, buildPackages } from '../../package/build.ts';
import { loadImage } from '../../package/run-image.ts';
import { type ControlPlane, startControlPlane } from '../control-plane.ts';
import { type Supervisor, superviseProcesses } from '../supervisor.ts';
import { repositoryRoot } from '../tools.ts';
import { type FunctionSource, type RunningFunction, startFunction } from './function.ts';
import { installCheckout, installPackages, PACKAGES_CORE_ARGS } from './install.ts';
import type { LiveObject } from './live-object.ts';
import { type Observer, startObserver } from './observer.ts';
import { type Relay, startRelay } from './relay.ts';

/** `packages`: our packages from a registry, and the image. `checkout`: XRDs, Compositions and TypeScript as they stand here. */
export type From = 'packages' | 'checkout';

/** Packages where a Docker Engine can run their image, else the checkout. PLATFORM_FROM in the environment decides otherwise. */
export function preferredFrom(asked = process.env.PLATFORM_FROM): From {
  if (asked === 'packages' || asked === 'checkout') return asked;
  return dockerEngine() === undefined ? 'checkout' : 'packages';
}

export interface PlatformOptions {
  readonly from: From;
  /** Root folder of the checkout from which all that is ours comes, with a trailing slash. Default this one. */
  readonly checkout?: string;
  /** How many times faster than Azure the simulated one is. */
  readonly speed: number;
  /**
   * Watch events per second to which core lets an XR react, after a burst of 100. Its default is 1 (v2.3.4 cmd/crossplane/core/core.go); the
   * default here is `speed`, because where time runs faster, so do the events.
   */
  readonly refillRate?: number;
  /** Events that it lets through at once; what docs/install.md advises unless said otherwise. */
  readonly burst?: number;
  readonly onProgress?: (line: string) => void;
  /** Every request that the simulated provider sends to the simulated Azure. */
  readonly onRequest?: (request: SentRequest) => void;
}

export interface Platform {
  readonly controlPlane: ControlPlane;
  readonly observer: Observer;
  /** The simulated provider and Azure. */
  readonly azure: Controller;
  /** Stands between Crossplane and the function, as its Service would. */
  readonly relay: Relay;
  readonly processes: Supervisor;
  /** Where the function that was installed comes from. */
  readonly source: FunctionSource;
  /** The function that Crossplane calls. */
  readonly function: RunningFunction;
  /** Starts another function and has Crossplane call that; the one before goes on running. */
  replaceFunction(source: FunctionSource): Promise<RunningFunction>;
  /** What the simulated provider sent to the simulated Azure, oldest first. */
  readonly requests: readonly SentRequest[];
  /** What the controller of the simulated provider complained about. */
  readonly complaints: readonly string[];
  apply(...objects: readonly object[]): Promise<void>;
  stop(options?: { keepLogs?: boolean }): Promise<void>;
}

/** docs/install.md, Crossplane's circuit breaker. */
const ADVISED_BURST = 1000;

/**
 * Brings up a real control plane with our function over mutual TLS, both flavours of the API, and a simulated provider and Azure.
 * Needs the binaries of tools/build.sh. When the start fails everything is stopped.
 */
export async function startPlatform({
  from,
  checkout = repositoryRoot,
  speed,
  refillRate = speed,
  burst = ADVISED_BURST,
  onProgress = () => {},
  onRequest = () => {},
}: PlatformOptions): Promise<Platform> {
  const cleanUp: ((options?: { keepLogs?: boolean }) => Promise<void> | void)[] = [];
  const stop: Platform['stop'] = async (options) => {
    for (const each of cleanUp.splice(0).reverse()) await each(options);
  };
  try {
    let built: BuiltPackages | undefined;
    if (from === 'packages') {
      onProgress('npm run package');
      built = await buildPackages(checkout);
      cleanUp.push(built.remove);
    }
    const controlPlane = await startControlPlane({
      registry: built !== undefined,
      coreArgs: [
        `--circuit-breaker-refill-rate=${refillRate}`,
        `--circuit-breaker-burst=${burst}`,
        ...(built ? PACKAGES_CORE_ARGS : []),
      ],
      onProgress,
    });
    cleanUp.push((options) => controlPlane.stop(options));
    const processes = superviseProcesses(controlPlane.logsDir);
    cleanUp.push(() => processes.stopAll(2_000));
    const source: FunctionSource =
      built === undefined
        ? { checkout }
        : { image: 'root' in built.image ? built.image : { reference: await loadImage(built.image.tarball) } };
    onProgress('the function');
    const relay = await startRelay();
    cleanUp.push(() => relay.stop());
    let current = await startFunction(source, controlPlane.functionCertsDir, processes);
    relay.leadTo(current.port);

    const endpoint = `dns:///localhost:${relay.port}`;
    onProgress(built ? 'packages' : 'CRDs, XRDs and Compositions');
    if (built) await installPackages(controlPlane, built, endpoint);
    else await installCheckout(controlPlane, checkout, endpoint);
    onProgress('the simulated provider and Azure');
    const complaints: string[] = [];
    const requests: SentRequest[] = [];
    const azure = await startController({
      kubeconfig: controlPlane.kubeconfig,
      speed,
      onRequest: (request) => {
        requests.push(request);
        onRequest(request);
      },
      onError: (what, error) => complaints.push(`${what}: ${String(error)}`),
    });
    cleanUp.push(() => azure.stop());
    const observer = await startObserver(controlPlane.kubeconfig);
    cleanUp.push(() => observer.stop());
    onProgress(`up; the function runs ${current.how}`);
    return {
      controlPlane,
      observer,
      azure,
      relay,
      processes,
      source,
      requests,
      complaints,
      get function() {
        return current;
      },
      replaceFunction: async (next) => {
        current = await startFunction(next, controlPlane.functionCertsDir, processes);
        relay.leadTo(current.port);
        return current;
      },
      apply: async (...items) => {
        const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
        await controlPlane.kubectl(['apply', '--server-side', '-f', '-'], list);
      },
      stop,
    };
  } catch (error) {
    await stop({ keepLogs: true });
    throw error;
  }
}

export const API_VERSION = {
  namespaced: 'database.platform.io/v1alpha1',
  claims: 'claims.database.platform.io/v1alpha1',
};

const find = (observer: Observer, apiVersion: string, kind: string, name: string): LiveObject | undefined =>
  [...observer.objects.values()].find(
    (each) => each.apiVersion === apiVersion && each.kind === kind && each.metadata.name === name,
  );

/** The XR of a name: the namespaced flavour's, or the cluster-scoped one of a claim. */
export const xr = (observer: Observer, name: string): LiveObject | undefined =>
  find(observer, API_VERSION.namespaced, 'XPostgreSQLDatabase', name) ??
  find(observer, API_VERSION.claims, 'XPostgreSQLDatabase', name);

export const claim = (observer: Observer, name: string): LiveObject | undefined =>
  find(observer, API_VERSION.claims, 'PostgreSQLDatabase', name);
