import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagram } from '../../src/cli/diagram.ts';
import { drawn } from '../../src/cli/draw.ts';
import { svg } from '../../src/cli/graphviz.ts';
import { type Pass, pass } from '../../src/cli/passes.ts';
import { load, topology } from '../../src/cli/render.ts';
import { run } from '../../src/cli/run.ts';
import type { Plan } from '../../src/plan/types.ts';
import { argumentsOf, cases } from '../golden/case.ts';
import { example, repository, scratch } from './files.ts';

/** `npm run golden` (UPDATE=1) rewrites the pictures of the examples and the DOT text of the cases that have a topology.dot. */
const update = process.env.UPDATE === '1';

const files = scratch();
afterAll(files.remove);

function expectGolden(path: string, actual: string): void {
  if (update) writeFileSync(path, actual);
  else expect(actual).toBe(readFileSync(path, 'utf8'));
}

describe('the picture of an example', () => {
  it.each(cases('examples'))('%s is the one that is drawn now', async (_, folder) => {
    expectGolden(join(folder, 'topology.svg'), await svg(topology(argumentsOf(folder))));
  });

  it('stands on the page of examples, each with its own', () => {
    const page = readFileSync(repository('docs/examples.md'), 'utf8');
    const embedded = [...page.matchAll(/!\[.+\]\(\.\.\/examples\/(.+)\/topology\.svg\)/g)].map(([, name]) => name);
    expect(embedded.sort()).toEqual(cases('examples').map(([name]) => name));
  });
});

const drawnCases = cases('test/cases').filter(([, folder]) => existsSync(join(folder, 'topology.dot')));

describe('DOT text', () => {
  it.each(drawnCases)('of %s', (_, folder) => {
    expectGolden(join(folder, 'topology.dot'), topology(argumentsOf(folder)));
  });

  it('has cases of what is there, what is created and what waits', () => {
    const text = drawnCases.map(([, folder]) => readFileSync(join(folder, 'topology.dot'), 'utf8')).join('');
    for (const state of ['not ready', 'created now', 'waits for']) expect(text).toContain(state);
  });
});

const lineOf = (dot: string, beginning: string): string =>
  dot
    .split('\n')
    .map((line) => line.trim())
    .find((line) => line.startsWith(beginning)) ?? '';

const passOf = (name: string): Pass => pass(load(argumentsOf(example(name, ''))).world);

/** The same pass with another plan. */
function replanned(name: string, change: (plan: Plan) => Plan): Pass {
  const before = passOf(name);
  const { decision } = before.answer;
  if (!decision) throw new Error('the example is refused');
  return { ...before, answer: { ...before.answer, decision: { ...decision, plan: change(decision.plan) } } };
}

describe('what is ready and what is not', () => {
  it('is solid once everything is', () => {
    expect(diagram(passOf('active-passive'))).not.toContain('dashed"');
    const first = topology({ xr: example('active-passive'), explain: false, untilReady: false });
    for (const node of [
      '"primary-server" [',
      '"cname-write" [',
      '"backup-storage-account" [',
      '"primary-server" -> "s',
    ])
      expect(lineOf(first, node)).toContain('dashed"');
  });

  it('is drawn as it is after the last pass with --until-ready', () => {
    const last = topology({ xr: example('active-passive'), explain: false, untilReady: true });
    expect(last).toBe(diagram(passOf('active-passive')));
  });
});

describe('after a failover', () => {
  const turned = diagram(
    replanned('active-passive', (plan) => {
      const [primary, replica] = plan.servers;
      if (!primary || !replica) throw new Error('the example has two servers');
      return {
        ...plan,
        activeRegion: replica.region,
        servers: [
          { ...replica, role: 'Primary', follows: undefined },
          { ...primary, role: 'Replica', follows: replica.key },
        ],
        endpoints: {
          write: { ...plan.endpoints.write, server: replica.key },
          read: { ...plan.endpoints.read, server: primary.key },
        },
      };
    }),
  );

  it('the arrow of replication turns, and the regions stay where they were', () => {
    expect(lineOf(turned, '"primary-server" -> "secondary-server" [color="#2f8a4c"')).toContain('dir="back"');
    expect(lineOf(turned, '"primary-server" -> "secondary-server" [style="invis"]')).not.toBe('');
  });

  it('each name stands above the server that it points at', () => {
    expect(turned).toContain('"cname-read" -> "private-dns-zone" -> "cname-write" [style="invis"]');
    expect(lineOf(turned, '"cname-write" -> "secondary-server"')).not.toBe('');
    expect(lineOf(turned, '"cname-read" -> "primary-server"')).not.toBe('');
  });
});

describe('the ways to a server', () => {
  it('lead through its private endpoint, and the server stands outside of the network', () => {
    const dot = diagram(passOf('private-endpoint'));
    expect(lineOf(dot, '"cname-write" -> "primary-server-endpoint"')).toContain('points at');
    expect(lineOf(dot, '"primary-server-endpoint" -> "primary-server"')).toContain('private link');
    const subnet = dot.slice(dot.indexOf('subgraph "cluster_primary-subnet"'));
    expect(subnet.slice(0, subnet.indexOf('}'))).not.toContain('"primary-server" [');
  });

  it('are also the names in public DNS, each with the server that it leads to', () => {
    const [writer, replica] = passOf('every-field').answer.decision?.plan.servers ?? [];
    const legend = lineOf(diagram(passOf('every-field')), '"public-names" [');
    const texts = [...legend.matchAll(/>([^<>]+)<\/FONT>/g)].map(([, text]) => text);
    expect(texts).toEqual([
      'virtual endpoint warehouse-endpoint-97a496fd.writer',
      `leads to ${writer?.name}`,
      'virtual endpoint warehouse-endpoint-97a496fd.reader',
      `leads to ${replica?.name}`,
      'warehouse-example.trafficmanager.net',
      `leads to ${writer?.name}, CNAME, 45 s`,
    ]);
    expect(diagram(passOf('active-passive'))).not.toContain('public-names');
  });
});

describe('a server out of service', () => {
  const dot = topology(argumentsOf(repository('test/cases/restore-beside-stable')));

  it('stands below the one that takes its part, so that no arrow goes around it', () => {
    expect(lineOf(dot, '"primary-server-2" -> "primary-server"')).toContain('invis');
    expect(lineOf(dot, '"primary-server" -> "secondary-server" [style="invis"]')).not.toBe('');
    expect(lineOf(dot, '"primary-server-2" -> "secondary-server-2" [style="invis"]')).not.toBe('');
  });

  it('is one of a failover that has a phase, which is said at the top', () => {
    expect(dot).not.toContain('>phase ');
    expect(topology(argumentsOf(repository('test/cases/failover-fencing')))).toContain('>phase Fencing<');
  });
});

it('writes names as they are, whatever characters they have', async () => {
  const text = 'a<b>&"c"\\';
  const dot = diagram(
    replanned('minimal', (plan) => ({ ...plan, resourceGroup: { ...plan.resourceGroup, name: text } })),
  );
  expect(await svg(dot)).toContain('resource group a&lt;b&gt;&amp;&quot;c&quot;\\');
});

it.each(['minimal', 'claims'])('holds no secret of %s', (name) => {
  const dot = diagram(passOf(name));
  expect(dot).not.toContain('made-up-password');
  expect(dot).not.toContain(Buffer.from('made-up-password').toString('base64'));
});

describe('--diagram', () => {
  it('writes the picture and prints nothing', async () => {
    const file = join(files.folder, 'topology.svg');
    const done = await drawn(run(['render', example('minimal'), '--diagram', file], false));
    expect(done).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(file, 'utf8')).toMatch(/<svg .*Primary, takes writes.*<\/svg>\s*$/s);
  });

  it('goes together with --explain', () => {
    const { stdout, picture } = run(['render', example('minimal'), '--explain', '--diagram', 'a.svg'], false);
    expect(stdout).toBe(run(['render', example('minimal'), '--explain'], false).stdout);
    expect(picture?.file).toBe('a.svg');
  });

  it('says when the file cannot be written, and when the XR is refused', async () => {
    const file = join(files.folder, 'no-such-folder', 'a.svg');
    expect(await drawn(run(['render', example('minimal'), '--diagram', file], false))).toEqual({
      status: 1,
      stdout: '',
      stderr: `${file}: cannot be written (ENOENT)\n`,
    });
    const refused = await drawn(run(['render', 'no-such.yaml', '--diagram', file], false));
    expect(refused).toEqual({ status: 1, stdout: '', stderr: 'no-such.yaml: there is no such file\n' });
  });
});
