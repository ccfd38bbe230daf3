import { createHash } from 'node:crypto';
import { isEmpty, type JsonObject, objectOf, textOf } from './json.ts';
import { encode, find, put, secretValue, write } from './objects.ts';
import type { KubernetesObject, Simulation } from './state.ts';

const secretRef = (object: KubernetesObject, value: JsonObject): { namespace: string; name: string } => ({
  namespace: textOf(value.namespace) || (object.metadata.namespace ?? 'default'),
  name: textOf(value.name),
});

/** 27 characters of A-Z a-z 0-9 in three classes, the same for the same object and Secret (seen live, Secrets; crossplane-runtime pkg/password). */
function generatedPassword(seed: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
  const digest = createHash('sha512').update(seed).digest();
  const drawn = Array.from({ length: 24 }, (_, i) => alphabet[(digest[i] ?? 0) % alphabet.length]).join('');
  return `${drawn}Aa0`;
}

/** The PasswordGenerator initializer. An existing Secret gets its key filled in and keeps its owners. */
export function generatePassword(state: Simulation, object: KubernetesObject): Simulation {
  const params = objectOf(objectOf(object.spec).forProvider);
  const reference = objectOf(params.administratorPasswordSecretRef);
  if (params.autoGeneratePassword !== true || isEmpty(reference.name)) return state;
  const { namespace, name } = secretRef(object, reference);
  const field = textOf(reference.key);
  if (secretValue(state, namespace, name, field)) return state;
  const existing = find(state, { apiVersion: 'v1', kind: 'Secret', namespace, name });
  const value = encode(generatedPassword(`${object.metadata.uid}/${namespace}/${name}`));
  if (existing) return write(state, { ...existing, data: { ...existing.data, [field]: value } });
  const { apiVersion, kind, metadata } = object;
  return put(state, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }] },
    type: 'Opaque',
    data: { [field]: value },
  });
}

/** A connection Secret of the provider: owned and controlled by the managed resource. */
export function publishConnection(
  state: Simulation,
  object: KubernetesObject,
  details: { readonly [key: string]: string },
): Simulation {
  const reference = objectOf(objectOf(object.spec).writeConnectionSecretToRef);
  if (isEmpty(reference.name)) return state;
  const { namespace, name } = secretRef(object, reference);
  const data = Object.fromEntries(Object.entries(details).map(([key, value]) => [key, encode(value)]));
  const existing = find(state, { apiVersion: 'v1', kind: 'Secret', namespace, name });
  const { apiVersion, kind, metadata } = object;
  if (existing) {
    const mine = existing.metadata.ownerReferences?.some((owner) => owner.uid === metadata.uid) === true;
    return mine ? write(state, { ...existing, data: { ...existing.data, ...data } }) : state;
  }
  const owner = {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
  return put(state, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace, name, ownerReferences: [owner] },
    type: 'connection.crossplane.io/v1alpha1',
    data,
  });
}

/** The administrator password that the spec asks for. Undefined without a reference; an error when the Secret is missing. */
export function wishedPassword(state: Simulation, object: KubernetesObject): { value?: string; error?: string } {
  const spec = objectOf(object.spec);
  const reference = objectOf(
    objectOf(spec.forProvider).administratorPasswordSecretRef ??
      objectOf(spec.initProvider).administratorPasswordSecretRef,
  );
  if (isEmpty(reference.name)) return {};
  const { namespace, name } = secretRef(object, reference);
  if (!find(state, { apiVersion: 'v1', kind: 'Secret', namespace, name })) {
    return {
      error: `cannot get terraform parameters: cannot get secret value: cannot get secret data: secrets "${name}" not found`,
    };
  }
  return { value: secretValue(state, namespace, name, textOf(reference.key)) ?? '' };
}
