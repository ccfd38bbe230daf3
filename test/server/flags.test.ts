import { parseFlags, type Settings, UsageError } from '../../src/server/flags.ts';

function settings(args: string[], env: NodeJS.ProcessEnv = {}): Settings {
  const parsed = parseFlags(args, env);
  if ('help' in parsed) throw new Error('help was not asked for');
  return parsed;
}

it('serves as Crossplane expects it when only the environment of the pod is there', () => {
  expect(settings([], { TLS_SERVER_CERTS_DIR: '/tls/server' })).toEqual({
    address: { host: undefined, port: 9443 },
    tlsCertsDir: '/tls/server',
    maxReceiveBytes: 16 * 1024 * 1024,
    debug: false,
    httpAddress: { host: undefined, port: 8080 },
  });
});

it.each([[['--tls-certs-dir', '/a']], [['--tls-server-certs-dir=/a']]])(
  'takes the certificates from %j before the environment',
  (args) => {
    expect(settings(args, { TLS_SERVER_CERTS_DIR: '/b' }).tlsCertsDir).toBe('/a');
  },
);

it('serves plaintext only when told so', () => {
  expect(settings(['--insecure'], { TLS_SERVER_CERTS_DIR: '/b' }).tlsCertsDir).toBeUndefined();
  for (const args of [[], ['--tls-certs-dir', ''], ['--tls-server-certs-dir=']]) {
    expect(() => settings(args)).toThrow(
      new UsageError(
        'no certificates: give --tls-certs-dir or set TLS_SERVER_CERTS_DIR, or serve plaintext with --insecure',
      ),
    );
  }
});

it.each([
  [':9443', undefined, 9443],
  ['[::1]:0', '::1', 0],
  ['localhost:65535', 'localhost', 65_535],
  ['127.0.0.1:80', '127.0.0.1', 80],
])('reads address %s', (address, host, port) => {
  expect(settings(['--insecure', '--address', address]).address).toEqual({ host, port });
});

it.each(['9443', 'localhost', 'localhost:', ':65536', '[localhost]:1', '::1:9443', ''])(
  'refuses address "%s"',
  (address) => {
    expect(() => settings(['--insecure', '--address', address])).toThrow(
      `--address: "${address}" is no address; write host:port, [IPv6]:port or :port`,
    );
    expect(() => settings(['--insecure', '--http-address', address])).toThrow('--http-address: ');
  },
);

it.each(['0', '65', '4.5', '-1', 'many', ''])('refuses a message size of "%s"', (size) => {
  expect(() => settings(['--insecure', `--max-recv-message-size=${size}`])).toThrow(
    `--max-recv-message-size: "${size}" is no number from 1 to 64`,
  );
});

it('refuses what it does not know, in one line', () => {
  for (const args of [['--adress=:1'], ['serve'], ['--debug=yes'], ['--address']]) {
    expect(() => settings(['--insecure', ...args])).toThrow(UsageError);
    expect(() => settings(['--insecure', ...args])).toThrow(/^[^\n]+$/);
  }
});

it('switches HTTP and debug', () => {
  expect(settings(['--insecure', '--no-http', '-d'])).toMatchObject({ httpAddress: undefined, debug: true });
});

it('names every flag in its help', () => {
  const parsed = parseFlags(['-h'], {});
  for (const flag of [
    'address',
    'insecure',
    'tls-certs-dir',
    'tls-server-certs-dir',
    'max-recv-message-size',
    'debug',
    'http-address',
    'no-http',
    'help',
  ]) {
    expect(parsed).toHaveProperty('help', expect.stringContaining(`--${flag} `));
  }
});
