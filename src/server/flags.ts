import { isIPv6 } from 'node:net';
import { parseArgs } from 'node:util';

/** Where to listen. An absent host means every address, IPv6 and IPv4. */
export interface Address {
  readonly host: string | undefined;
  /** 0 lets the system choose. */
  readonly port: number;
}

export interface Settings {
  readonly address: Address;
  /** Directory with ca.crt, tls.crt and tls.key; undefined serves plaintext. */
  readonly tlsCertsDir: string | undefined;
  readonly maxReceiveBytes: number;
  readonly debug: boolean;
  /** For health and metrics; undefined serves neither. */
  readonly httpAddress: Address | undefined;
}

/** A wrong command line; the message is one line for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

// The names of function-sdk-go's template (address, insecure, tls-certs-dir, max-recv-message-size, debug) and, for the
// certificates, that of function-sdk-typescript as well.
const options = {
  address: { type: 'string', default: ':9443' },
  insecure: { type: 'boolean', default: false },
  'tls-certs-dir': { type: 'string' },
  'tls-server-certs-dir': { type: 'string' },
  'max-recv-message-size': { type: 'string', default: '16' },
  debug: { type: 'boolean', short: 'd', default: false },
  'http-address': { type: 'string', default: ':8080' },
  'no-http': { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

const HELP = `Usage: function-postgresql [flags]

Serves the composition function to Crossplane over gRPC.

Flags:
  --address <host:port>            Address for gRPC. Default :9443, which is every IPv6 and IPv4 address.
  --tls-certs-dir <directory>      Directory with ca.crt, tls.crt and tls.key. Default: environment variable
                                   TLS_SERVER_CERTS_DIR, which Crossplane sets. Clients must show a certificate of ca.crt.
  --tls-server-certs-dir <dir>     Same as --tls-certs-dir.
  --insecure                       Serve plaintext, to anybody. For development.
  --max-recv-message-size <MB>     Largest request, 1 to 64 MB (1 MB = 1,048,576 bytes). Default 16.
  --http-address <host:port>       Address for /healthz, /readyz and /metrics. Default :8080.
  --no-http                        Serve neither health nor metrics over HTTP.
  -d, --debug                      Log every call.
  -h, --help                       Show this help.
`;

/**
 * Reads the command line. Gives undefined, after which the caller shows nothing more, when help was asked for.
 * Throws a UsageError for unknown flags and wrong values, and when there are no certificates and no --insecure.
 */
export function parseFlags(args: readonly string[], env: NodeJS.ProcessEnv): Settings | { readonly help: string } {
  const flags = parse(args);
  if (flags.help) return { help: HELP };
  const tlsCertsDir = flags['tls-certs-dir'] ?? flags['tls-server-certs-dir'] ?? env.TLS_SERVER_CERTS_DIR;
  if (!flags.insecure && !tlsCertsDir) {
    throw new UsageError(
      'no certificates: give --tls-certs-dir or set TLS_SERVER_CERTS_DIR, or serve plaintext with --insecure',
    );
  }
  return {
    address: parseAddress('--address', flags.address),
    tlsCertsDir: flags.insecure ? undefined : tlsCertsDir,
    maxReceiveBytes: megabytes('--max-recv-message-size', flags['max-recv-message-size']),
    debug: flags.debug,
    httpAddress: flags['no-http'] ? undefined : parseAddress('--http-address', flags['http-address']),
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split('\n', 1)[0]);
  }
}

function parseAddress(flag: string, value: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(value);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (!match || port > 65_535 || (match[1] !== undefined && !isIPv6(match[1]))) {
    throw new UsageError(`${flag}: "${value}" is no address; write host:port, [IPv6]:port or :port`);
  }
  return { host: host === '' ? undefined : host, port };
}

const MEGABYTE = 1024 * 1024;

function megabytes(flag: string, value: string): number {
  const size = Number(value);
  // 64 MB is also what the wire codec takes at most.
  if (!/^\d+$/.test(value) || size < 1 || size > 64)
    throw new UsageError(`${flag}: "${value}" is no number from 1 to 64`);
  return size * MEGABYTE;
}

/** The address as the user would write it. Only IPv6 has a colon; Node 20's isIPv6 compiles a long pattern at its first call. */
export const formatAddress = ({ host, port }: Address): string =>
  `${host === undefined ? '' : host.includes(':') ? `[${host}]` : host}:${port}`;
