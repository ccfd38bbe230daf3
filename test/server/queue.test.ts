import { setImmediate as nextTurn } from 'node:timers/promises';
import { createQueue } from '../../src/server/queue.ts';

it('runs the first job at once and one more in every turn of the event loop, in order', async () => {
  const queue = createQueue({ calls: 10, bytes: 10 });
  const ran: number[] = [];
  for (let job = 0; job < 4; job++) queue.offer(1, () => ran.push(job));
  expect(ran).toEqual([0]);
  for (let turn = 1; turn < 4; turn++) {
    await nextTurn();
    expect(ran).toEqual([0, 1, 2, 3].slice(0, turn + 1));
  }
});

it('lets input and output happen between two jobs', async () => {
  const queue = createQueue({ calls: 10, bytes: 10 });
  const events: string[] = [];
  queue.offer(1, () => events.push('first'));
  queue.offer(1, () => events.push('second'));
  queue.offer(1, () => events.push('third'));
  setImmediate(() => events.push('other'));
  await nextTurn();
  await nextTurn();
  await nextTurn();
  expect(events).toEqual(['first', 'second', 'other', 'third']);
});

it.each([
  [{ calls: 2, bytes: 100 }, 10],
  [{ calls: 100, bytes: 20 }, 10],
])('refuses beyond %j and takes again once there is room', async (limits, bytes) => {
  const queue = createQueue(limits);
  let ran = 0;
  const job = (): void => void ran++;
  expect([0, 1, 2, 3].map(() => queue.offer(bytes, job))).toEqual([true, true, true, false]);
  await nextTurn();
  expect(queue.offer(bytes, job)).toBe(true);
  expect(queue.offer(bytes, job)).toBe(false);
  for (let turn = 0; turn < 4; turn++) await nextTurn();
  expect(ran).toBe(4);
});

it('takes a single request larger than its room when nothing else waits', () => {
  expect(createQueue({ calls: 1, bytes: 1 }).offer(100, () => {})).toBe(true);
});
