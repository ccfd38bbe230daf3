import type { Report } from './report.ts';
import { handlerOf, median, medianRatio } from './statistics.ts';

/** src/response/ttl.ts: seconds after which Crossplane asks again when nothing happens. */
const TTL = { watched: 600, unwatched: 60 };

/** Assumed: how often a composed resource of a settled XR changes, each time with a reconcile. */
const CHANGES_PER_HOUR = 1;

const FLEETS = [100, 1000, 10_000];

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });

/** docs/scaling.md: what the benchmark means for replicas, resources and Crossplane's flags. */
export function scaling({ steady, observed, recipes, memoryOf, machine, requestBytes }: Report): string {
  const ours = (field: 'cpu' | 'p50' | 'throughput'): number =>
    medianRatio(steady, ({ samples }) => samples.ours?.[field]) ?? Number.NaN;
  const [cpu, throughput] = [ours('cpu'), ours('throughput')];
  const handler = median(steady.map((round) => handlerOf(round, 'p50')));
  const memory = memoryOf(recipes.ours);
  const settledRate = 1 / TTL.watched + (observed * CHANGES_PER_HOUR) / 3600;
  const fleet = (count: number): string => {
    const [settled, unwatched] = [count * settledRate, count / TTL.unwatched];
    const cores = (rate: number): string => `${number((rate * cpu) / 10_000, 1)} %`;
    return `| ${number(count)} | ${number(settled, 1)} (${cores(settled)}) | ${number(unwatched, 1)} (${cores(unwatched)}) | ${number(count / throughput, 1)} s | ${number(settled * observed)} |`;
  };
  const perPod = number((0.7 * 1e6) / cpu / settledRate / 1000);
  const limit = Math.ceil((2 * (memory?.loaded ?? 128)) / 64) * 64;
  const request = Math.ceil((memory?.loaded ?? 128) / 32) * 32;
  return `# Scaling

Written by \`npm run bench\` from the numbers of [performance.md](performance.md), measured on: ${machine}. Everything in a
table here is calculated from them, not measured; the assumptions are named.

## What one pod serves

- One call costs ${number(cpu)} µs of CPU (steady state, mutual TLS, ${observed} resources, ${number(requestBytes / 1000)} kB per request), of which the handler
  itself takes ${number(handler)} µs.
- One pod answers ${number(throughput)} calls per second. It uses one core: JavaScript runs in one thread.
- Crossplane calls once per reconcile, because the function asks for no extra resources. A settled XR is reconciled when its TTL
  of ${TTL.watched} s ends, and whenever one of its resources changes; assumed is ${CHANGES_PER_HOUR} change per resource and hour. An XR that
  waits for its resources has the same TTL, because Crossplane watches them; it is ${TTL.unwatched} s while events may get lost (circuit
  breaker open), after the API server refused a resource, and until the user's own password is seen.

| XRs | settled: calls/s (of one core) | all with the short TTL: calls/s (of one core) | all at once, after a restart of Crossplane | applies/s, settled |
|---:|---:|---:|---:|---:|
${FLEETS.map(fleet).join('\n')}

The last column is what Crossplane sends to the API server for these reconciles: one server-side apply per resource. That, not
the function, is what ends first.

## Replicas

Two, for upgrades and lost nodes; the load needs one. Crossplane spreads its calls over all pods of the headless Service
(round robin). grpc-go looks for new pods only when a connection ends, so the server ends its connections after ten minutes:
a replica that is added gets its share within that time.

\`\`\`yaml
apiVersion: pkg.crossplane.io/v1beta1
kind: DeploymentRuntimeConfig
metadata:
  name: function-postgresql
spec:
  deploymentTemplate:
    spec:
      replicas: 2
      selector: {}
      template:
        spec:
          containers:
            - name: package-runtime
              resources:
                requests: { cpu: 50m, memory: ${request}Mi }
                limits: { memory: ${limit}Mi }
              readinessProbe: { httpGet: { path: /readyz, port: 8080 } }
              livenessProbe: { httpGet: { path: /healthz, port: 8080 } }
          topologySpreadConstraints:
            - maxSkew: 1
              topologyKey: kubernetes.io/hostname
              whenUnsatisfiable: ScheduleAnyway
              labelSelector: { matchLabels: { pkg.crossplane.io/function: function-postgresql } }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: function-postgresql
  namespace: crossplane-system
spec:
  minAvailable: 1
  selector: { matchLabels: { pkg.crossplane.io/function: function-postgresql } }
\`\`\`

- Memory: ${number(memory?.loaded ?? Number.NaN)} MiB resident after 10,000 calls; the request is that rounded up, the limit twice as much.
- No CPU limit: it would make single calls wait, and the function uses nothing between calls.
- One pod serves some ${perPod} thousand settled XRs (70 % of a core). Beyond that set \`replicas\` to the XRs divided by that, rounded up,
  and one more.
- No HorizontalPodAutoscaler: Crossplane v2.3 takes back what it does. It owns the Deployment and sets its \`replicas\` to what the
  DeploymentRuntimeConfig says, to 1 when that says nothing (internal/controller/pkg/runtime, DeploymentWithOptionalReplicas), and every
  version of the package has a Deployment of another name. \`replicas\` of the DeploymentRuntimeConfig is the place to scale.

## Flags of Crossplane

| | 1,000 XRs | 10,000 XRs |
|---|---|---|
| \`--max-concurrent-reconciles\` (alias \`--max-reconcile-rate\`, default 100) | default | default; 200 if reconciles queue up and the API server has room |
| memory of Crossplane | raise it: it caches every composed resource, ${number(1000 * observed)} of them | ${number(10_000 * observed)} of them |
| API priority and fairness | default | a FlowSchema of its own for the service account of Crossplane |
| \`--enable-function-response-cache\` (alpha) | off | off: its key is the whole request, which changes with every resource version |
| \`--circuit-breaker-burst\` | 1000, as [install.md](install.md) says: a platform sends more events than the default of 100 allows | 1000 |

Crossplane v2.3 does not limit its own calls to the API server (controller-runtime 0.23 leaves that to API priority and
fairness). Core's limit of 4 MiB per response is far: a response of this function has some kilobytes per resource.
\`--max-recv-message-size\` (default 16 MB) is enough for requests of ${number((16 * 1024 * 1024) / (requestBytes / observed))} resources of the size measured.

## What to watch

\`function_calls_total{outcome="oversized"}\` must stay 0: it counts requests beyond \`--max-recv-message-size\`.
\`{outcome="refused"}\` and \`{outcome="late"}\` must, too: they say that calls come faster than one pod
answers. Before that, \`function_call_duration_seconds\` rises, which includes the waiting. \`nodejs_eventloop_lag_p99_seconds\` and
\`process_resident_memory_bytes\` tell the rest.
`;
}
