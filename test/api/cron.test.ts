import { wrongSchedule } from '../../src/api/cron.ts';

it.each(['30 1 * * *', '@daily', '*/15 0-23/2 1,15 JAN-mar,12 sun-Sat', '0 0 31 2 0', '5/10 * * * 1-5'])(
  '%s is a schedule',
  (schedule) => {
    expect(wrongSchedule(schedule)).toBeUndefined();
  },
);

// Each is refused by ParseStandard of github.com/robfig/cron v3, which Kubernetes uses.
it.each([
  ['60 1 * * *', 'the minute is from 0 to 59'],
  ['0 24 * * *', 'the hour is from 0 to 23'],
  ['0 0 0 * *', 'the day of the month is from 1 to 31'],
  ['0 0 * 13 *', 'the month is from 1 to 12'],
  ['0 0 * * 7', 'the day of the week is from 0 to 6'],
  ['0 0 * * funday', 'the day of the week is from 0 to 6'],
  ['*/0 1 * * *', 'the minute is from 0 to 59'],
  ['1-2-3 1 * * *', 'the minute is from 0 to 59'],
  ['9-5 1 * * *', 'the minute is from 0 to 59'],
  ['1/2/3 1 * * *', 'the minute is from 0 to 59'],
  [', 1 * * *', 'the minute is from 0 to 59'],
  ['- 1 * * *', 'the minute is from 0 to 59'],
])('%s is none', (schedule, wrong) => {
  expect(wrongSchedule(schedule)).toBe(wrong);
});
