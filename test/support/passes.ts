import type { RunFunctionResponse } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../../src/function.ts';
import { type Json, type Observed, request, seen } from './requests.ts';

/** Feeds every response back as ready until nothing new is desired: what a control plane would end up with. */
export function settle(xr: Json, input?: object): { observed: Observed; response: RunFunctionResponse } {
  let observed: Observed = {};
  let status = xr.status;
  for (let pass = 0; pass < 60; pass++) {
    const response = runFunction(request({ ...xr, status }, { observed, input }));
    const desired = response.desired?.resources ?? {};
    const next: Observed = Object.fromEntries(Object.entries(desired).map(([key, value]) => [key, seen(key, value)]));
    const told = response.desired?.composite?.resource?.status;
    // The status too: a restart is told of in one pass and made in the next.
    const same = JSON.stringify([next, told]) === JSON.stringify([observed, status]);
    observed = next;
    status = told;
    if (same || response.results.some(({ severity }) => severity === 1)) return { observed, response };
  }
  throw new Error('did not settle in 60 passes');
}
