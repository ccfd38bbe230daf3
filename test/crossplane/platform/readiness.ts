import { waitFor } from '../wait-for.ts';
import { type Change, compositeOf, isTrue, keyOf, type LiveObject, OUR_CONDITIONS } from './live-object.ts';
import { claim, type Platform, xr } from './platform.ts';

/** Conditions of an object that are not True, with their reasons and messages. */
export const untrue = (object: LiveObject | undefined): string[] =>
  object === undefined
    ? ['not there']
    : ['Synced', 'Ready', ...OUR_CONDITIONS].flatMap((type) => {
        const found = object.status?.conditions?.find((each) => each.type === type);
        if (found?.status === 'True') return [];
        return [`${type}=${found?.status ?? 'absent'} ${found?.reason ?? ''} ${found?.message ?? ''}`.trim()];
      });

/** Waits until an object has Synced, Ready and our five conditions True; gives the seconds that it took. */
export async function untilSettled(
  platform: Platform,
  find: (platform: Platform) => LiveObject | undefined,
  what: string,
  deadlineSeconds = 240,
): Promise<number> {
  const begin = Date.now();
  await waitFor(
    `${what} to be Ready with all conditions True`,
    () => {
      const left = untrue(find(platform));
      if (left.length > 0) throw new Error(left.join('; '));
      return true;
    },
    { deadlineMs: deadlineSeconds * 1000 },
  );
  return (Date.now() - begin) / 1000;
}

export const xrSettled = (platform: Platform, name: string, deadlineSeconds?: number): Promise<number> =>
  untilSettled(platform, ({ observer }) => xr(observer, name), `XR ${name}`, deadlineSeconds);

export const claimSettled = (platform: Platform, name: string, deadlineSeconds?: number): Promise<number> =>
  untilSettled(platform, ({ observer }) => claim(observer, name), `claim ${name}`, deadlineSeconds);

/** The name of the XR that Crossplane made of a claim. */
export async function xrOfClaim(platform: Platform, name: string): Promise<string> {
  return waitFor(`claim ${name} to have its XR`, () => {
    const reference = claim(platform.observer, name)?.spec?.resourceRef;
    return typeof reference === 'object' && reference !== null && 'name' in reference && String(reference.name);
  });
}

/** What is composed of an XR at this moment, by name. */
export const composed = ({ observer }: Platform, composite: string): LiveObject[] =>
  [...observer.objects.values()]
    .filter((each) => compositeOf(each) === composite)
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));

/** Waits for the moment in which Azure works on an XR's first server. */
export const untilServerIsBeingMade = (platform: Platform, composite: string): Promise<LiveObject> =>
  waitFor(`the server of ${composite} to be in the making`, () =>
    composed(platform, composite).find(
      (each) =>
        each.kind === 'FlexibleServer' &&
        each.metadata.annotations?.['crossplane.io/external-create-succeeded'] !== undefined &&
        !isTrue(each, 'Ready'),
    ),
  );

/** Objects of a name that were seen with more than one uid. */
export function replaced(changes: readonly Change[]): string[] {
  const uids = new Map<string, Set<string>>();
  for (const { object } of changes) {
    if (compositeOf(object) === undefined) continue;
    const known = uids.get(keyOf(object)) ?? new Set();
    uids.set(keyOf(object), known.add(object.metadata.uid));
  }
  return [...uids].filter(([, each]) => each.size > 1).map(([key]) => key);
}
