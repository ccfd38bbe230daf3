import { screen, span } from '../../../tools/sandbox/screen.ts';
import { createSimulation } from '../../azure/state.ts';
import type { LiveObject } from './live-object.ts';

const condition = (type: string, status: string, message = '') => ({ type, status, reason: 'Because', message });

const database = (name: string, ...conditions: ReturnType<typeof condition>[]): LiveObject => ({
  apiVersion: 'database.platform.io/v1alpha1',
  kind: 'XPostgreSQLDatabase',
  metadata: { name, namespace: 'team-a', uid: name, resourceVersion: '1' },
  status: { conditions },
});

const composed = (of: string, name: string): LiveObject => ({
  apiVersion: 'dbforpostgresql.azure.m.upbound.io/v1beta1',
  kind: 'FlexibleServer',
  metadata: {
    name: `${of}-${name}`,
    namespace: 'team-a',
    uid: name,
    resourceVersion: '1',
    labels: { 'crossplane.io/composite': of },
    annotations: { 'crossplane.io/composition-resource-name': name, 'crossplane.io/external-name': 'in-azure' },
  },
  status: { conditions: [condition('Synced', 'True'), condition('Ready', 'False')] },
});

const simulation = createSimulation();
const azure = {
  ...simulation,
  now: 100,
  operations: {
    server: {
      target: 'server',
      verb: 'create' as const,
      by: 'FlexibleServer.dbforpostgresql.azure.m.upbound.io/team-a/orders-primary-server',
      requests: [],
      type: '',
      id: '',
      effect: {},
      seconds: 600,
      until: 225,
      outcome: { ok: true as const },
    },
  },
};
const view = {
  objects: [
    database(
      'orders',
      condition('Synced', 'True'),
      condition('Ready', 'False'),
      condition('NetworkReady', 'False', 'a, b'),
    ),
    composed('orders', 'primary-server'),
    composed('other', 'secondary-server'),
  ],
  azure,
  news: ['first', 'second'],
  header: ['header'],
  footer: 'footer',
};

describe('the screen of the sandbox', () => {
  it('shows a database, what it waits for, its resources and what Azure does', () => {
    const lines = screen(view, { columns: 160, rows: 30 });
    expect(lines[0]).toBe('header');
    expect(lines.at(-1)).toBe('footer');
    expect(lines).toContain(
      'team-a/orders   ✘ Ready  ✔ Synced  ✘ NetworkReady  · PrimaryReady  · ReplicaReady  · EndpointsReady  · BackupConfigured',
    );
    expect(lines).toContain('  NetworkReady: a, b');
    const server = lines.find((line) => line.includes('primary-server'));
    expect(server).toMatch(/^ {2}✘✔ primary-server +FlexibleServer +Azure: create, 2:05 left {3}in-azure$/);
    expect(lines.join('\n')).not.toContain('secondary-server');
    expect(lines).toContain('second');
  });

  it('says why a database was refused', () => {
    const objects = [database('orders', condition('Synced', 'False', 'spec.x: is wrong'))];
    expect(screen({ ...view, objects }, { columns: 160, rows: 30 })).toContain('  spec.x: is wrong');
  });

  it('never is longer or wider than the terminal, and tells what it leaves out', () => {
    const objects = Array.from({ length: 30 }, (_, index) => database(`orders-${index}`));
    const lines = screen({ ...view, objects }, { columns: 40, rows: 20 });
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
    expect(lines.join('\n')).toMatch(/… and \d+ more lines/);
    expect(lines.at(-1)).toBe('footer');
  });

  it('shows time in minutes and seconds', () => {
    expect([span(0), span(65), span(-1)]).toEqual(['0:00', '1:05', '0:00']);
  });
});
