import { readArguments } from '../../src/cli/arguments.ts';
import { run } from '../../src/cli/run.ts';

it('reads every option', () => {
  const words =
    'render xr.yaml -o o.yaml --function-credentials c.yaml --input i.yaml --old old.yaml --diagram d.svg --explain --until-ready';
  expect(readArguments(words.split(' '))).toEqual({
    render: {
      xr: 'xr.yaml',
      observed: 'o.yaml',
      functionCredentials: 'c.yaml',
      input: 'i.yaml',
      old: 'old.yaml',
      diagram: 'd.svg',
      explain: true,
      untilReady: true,
    },
  });
});

it('takes --observed for -o and leaves out what is not given', () => {
  expect(readArguments(['render', '--observed', 'o.yaml', 'xr.yaml'])).toEqual({
    render: { xr: 'xr.yaml', observed: 'o.yaml', explain: false, untilReady: false },
  });
});

it.each([
  [[], 'the command is missing'],
  [['validate', 'xr.yaml'], '"validate" is not a command'],
  [['render'], 'the file with the XR is missing'],
  [['render', 'a.yaml', 'b.yaml'], '"b.yaml" is one file too many'],
  [['render', 'a.yaml', '--wait'], "Unknown option '--wait'"],
  [['render', 'a.yaml', '--observed'], "Option '-o, --observed <value>' argument missing"],
  [['render', 'a.yaml', '--explain=yes'], "Option '--explain' does not take an argument"],
])('calls %j wrong usage: one line and status 2', (words, message) => {
  const { status, stdout, stderr } = run(words, false);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toBe(`${message}; usage: npm run render -- XR [options]; --help says more\n`);
});

it('explains itself', () => {
  const { status, stdout, stderr } = run(['render', '--help'], false);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const option of [
    '--observed',
    '--function-credentials',
    '--input',
    '--old',
    '--diagram',
    '--explain',
    '--until-ready',
  ])
    expect(stdout).toContain(option);
});
