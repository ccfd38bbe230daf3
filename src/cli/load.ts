import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { Refused } from './refused.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** A Kubernetes object as it stands in a file: apiVersion, kind and metadata are checked, the rest is not. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The only object in `file`. Throws Refused when there is none, or more than one. */
export function loadObject(file: string): KubernetesObject {
  const [folder, ...others] = files(file);
  if (folder !== file || others.length > 0) throw new Refused([`${file}: is a folder; name one file in it`]);
  const [object, ...more] = loadObjects(file);
  if (!object) throw new Refused([`${file}: is empty; write one object into it`]);
  if (more.length > 0) throw new Refused([`${file}: has ${more.length + 1} documents; write one object into it`]);
  return object;
}

/** Every object of a YAML stream, or of the YAML files of a folder in the order of their names. Throws Refused. */
export function loadObjects(path: string): KubernetesObject[] {
  return files(path).flatMap((file) => documents(file).map((document) => kubernetesObject(file, document)));
}

function files(path: string): string[] {
  return fromDisk(path, () =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter((name) => /\.ya?ml$/.test(name))
          .sort()
          .map((name) => join(path, name))
      : [path],
  );
}

function fromDisk<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const code = isFields(error) ? error.code : undefined;
    throw new Refused([
      `${path}: ${code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code ?? error})`}`,
    ]);
  }
}

function documents(file: string): unknown[] {
  const text = fromDisk(file, () => readFileSync(file, 'utf8'));
  const parsed = [...parseAllDocuments(text)];
  const errors = parsed.flatMap((document) => document.errors);
  if (errors.length > 0)
    throw new Refused(
      errors.map(({ message, linePos }) => `${file}:${linePos?.[0].line ?? 1}: ${message.split(/ at line \d|\n/)[0]}`),
    );
  // `---` with nothing below it is no object.
  return parsed.map((document) => resolved(file, () => document.toJS())).filter((value) => value !== null);
}

/** Aliases are followed only now, and one that points nowhere or that explodes is found here. */
function resolved(file: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw new Refused([`${file}: ${isFields(error) ? String(error.message).split('\n')[0] : error}`]);
  }
}

function kubernetesObject(file: string, value: unknown): KubernetesObject {
  if (!isFields(value)) throw new Refused([`${file}: holds ${typeof value} where a Kubernetes object should stand`]);
  const { apiVersion, kind, metadata = {} } = value;
  const wrong = [
    ...(typeof apiVersion === 'string' ? [] : ['apiVersion: is required; write a string']),
    ...(typeof kind === 'string' ? [] : ['kind: is required; write a string']),
    ...metadataProblems(metadata),
  ];
  if (wrong.length > 0) throw new Refused(wrong.map((line) => `${file}: ${line}`));
  return { ...value, metadata } as KubernetesObject; // checked just above
}

function metadataProblems(metadata: unknown): string[] {
  if (!isFields(metadata)) return ['metadata: is not an object; write name and namespace below it'];
  const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';
  const texts = ['name', 'namespace']
    .filter((field) => !isText(metadata[field]))
    .map((field) => `metadata.${field}: ${JSON.stringify(metadata[field])} is not a string; write it in quotes`);
  const maps = ['labels', 'annotations'].flatMap((field) => {
    const map = metadata[field] ?? {};
    if (!isFields(map)) return [`metadata.${field}: is not an object; write names and values below it`];
    return Object.entries(map)
      .filter(([, value]) => typeof value !== 'string')
      .map(
        ([name, value]) =>
          `metadata.${field}[${JSON.stringify(name)}]: ${JSON.stringify(value)} is not a string; write it in quotes`,
      );
  });
  return [...texts, ...maps];
}
