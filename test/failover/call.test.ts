import { type Asked, type Azure, type Call, failover, type ServerRole } from '../../src/failover-call/failover.ts';

const id = (name: string): string =>
  `/subscriptions/s/resourceGroups/rg/providers/Microsoft.DBforPostgreSQL/flexibleServers/${name}`;
const [SOURCE, TARGET] = [id('orders-a'), id('orders-b')];
const call: Call = { mode: 'Promote', option: 'Forced', activeRegion: 'secondary', source: SOURCE, target: TARGET };
const spec = { activeRegion: 'secondary', mode: 'Promote', option: 'Forced', executor: 'Job' };
const asks: Asked = async () => spec;

const PRIMARY: ServerRole = { replicationRole: 'Primary' };
const REPLICA: ServerRole = { replicationRole: 'GeoAsyncReplica', source: SOURCE };

interface Made extends Azure {
  readonly promotions: unknown[];
}

/** Two servers with these roles. A promotion makes the target a server of its own. */
function azure(source: ServerRole | undefined | Error, target: ServerRole | undefined): Made {
  let now = target;
  const promotions: unknown[] = [];
  return {
    promotions,
    role: async (server) => {
      if (server === TARGET) return now;
      if (source instanceof Error) throw source;
      return source;
    },
    promote: async (server, replica) => {
      promotions.push([server, replica]);
      now = { replicationRole: 'Primary' };
    },
  };
}

describe('the call of a failover', () => {
  it('promotes the replica of the server that it was asked for', async () => {
    const made = azure(PRIMARY, REPLICA);
    expect(await failover(call, asks, made)).toEqual({ did: true, says: `${TARGET} is promoted: Promote, Forced` });
    expect(made.promotions).toEqual([[TARGET, { role: 'None', promoteMode: 'Standalone', promoteOption: 'Forced' }]]);
  });

  it('reverses the roles with Switchover', async () => {
    const made = azure(PRIMARY, REPLICA);
    const switchover = { ...call, mode: 'Switchover', option: 'Planned' } as const;
    await failover(switchover, async () => ({ ...spec, mode: 'Switchover', option: 'Planned' }), made);
    expect(made.promotions).toEqual([
      [TARGET, { role: 'Primary', promoteMode: 'Switchover', promoteOption: 'Planned' }],
    ]);
  });

  it('does nothing when it runs again, however often', async () => {
    const made = azure(PRIMARY, REPLICA);
    await failover(call, asks, made);
    for (let time = 0; time < 2; time++)
      expect(await failover(call, asks, made)).toEqual({ did: false, says: `${TARGET} replicates from nobody` });
    expect(made.promotions).toHaveLength(1);
  });

  it.each([
    ['the region was set back', { ...spec, activeRegion: 'primary' }, /activeRegion is primary, no longer secondary/],
    ['another option is asked for', { ...spec, option: 'Planned' }, /option is Planned, no longer Forced/],
    ['another mode is asked for', { ...spec, mode: 'Switchover' }, /mode is Switchover, no longer Promote/],
    ['a person makes the call now', { ...spec, executor: 'Manual' }, /executor is Manual, no longer Job/],
    ['nobody names an executor', { ...spec, executor: undefined }, /executor is undefined, no longer Job/],
    ['the object is gone', undefined, /is gone/],
  ])('does nothing when %s', async (_, now, says) => {
    const made = azure(PRIMARY, REPLICA);
    expect(await failover(call, async () => now, made)).toEqual({ did: false, says: expect.stringMatching(says) });
    expect(made.promotions).toEqual([]);
  });

  it('asks once more before it acts, because Azure may have taken its time', async () => {
    const made = azure(PRIMARY, REPLICA);
    let looks = 0;
    const outcome = await failover(
      call,
      async () => (++looks === 1 ? spec : { ...spec, activeRegion: 'primary' }),
      made,
    );
    expect(outcome.did).toBe(false);
    expect(made.promotions).toEqual([]);
  });

  it.each([
    ['there is no such target', PRIMARY, undefined, /has no server/],
    ['the target follows another server', PRIMARY, { ...REPLICA, source: id('other') }, /replicates from .*other, not/],
    ['the source is itself a replica', { ...REPLICA, source: TARGET }, REPLICA, /is itself a replica/],
  ])('does nothing when %s', async (_, source, target, says) => {
    const made = azure(source, target);
    expect(await failover(call, asks, made)).toEqual({ did: false, says: expect.stringMatching(says) });
    expect(made.promotions).toEqual([]);
  });

  it('compares ids without case, as Azure does', async () => {
    const made = azure(PRIMARY, { ...REPLICA, source: SOURCE.toUpperCase() });
    expect((await failover(call, asks, made)).did).toBe(true);
  });

  const planned = { ...call, option: 'Planned' } as const;
  const asksPlanned: Asked = async () => ({ ...spec, option: 'Planned' });
  it.each([
    ['does not answer', new Error('the region is out')],
    ['is gone', undefined],
  ])('needs no source with Forced, and fails with Planned, when the source %s', async (_, source) => {
    const forced = azure(source, REPLICA);
    expect((await failover(call, asks, forced)).did).toBe(true);
    const both = azure(source, REPLICA);
    await expect(failover(planned, asksPlanned, both)).rejects.toThrow();
    expect(both.promotions).toEqual([]);
  });

  it('fails when Azure says that it is done and the target still follows', async () => {
    const made: Azure = { role: async (server) => (server === TARGET ? REPLICA : PRIMARY), promote: async () => {} };
    await expect(failover(call, asks, made)).rejects.toThrow('still a replica');
  });

  it('fails when the object cannot be read', async () => {
    const made = azure(PRIMARY, REPLICA);
    const unread: Asked = async () => {
      throw new Error('the API server answers 403');
    };
    await expect(failover(call, unread, made)).rejects.toThrow('403');
    expect(made.promotions).toEqual([]);
  });
});
