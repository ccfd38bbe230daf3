import { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { bytesMethod } from './bytes-method.ts';

/** Values of grpc.health.v1.HealthCheckResponse.ServingStatus. */
const SERVING = 1;
const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;

export const HEALTH_SERVICE = 'grpc.health.v1.Health';

const HEALTH = {
  check: bytesMethod(`/${HEALTH_SERVICE}/Check`),
  watch: bytesMethod(`/${HEALTH_SERVICE}/Watch`, { request: false, response: true }),
  list: bytesMethod(`/${HEALTH_SERVICE}/List`),
};

/** HealthCheckRequest: `service` is field 1. */
function serviceOf(bytes: Buffer): string {
  const reader = new BinaryReader(bytes);
  let service = '';
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) service = reader.string();
    else reader.skip(wireType);
  }
  return service;
}

/** HealthCheckResponse: `status` is field 1. */
const response = (serving: number): Buffer => Buffer.from(new BinaryWriter().tag(1, 0).int32(serving).finish());

/** HealthListResponse: field 1 is a map from the name of a service to its HealthCheckResponse. */
function listResponse(services: readonly string[], serving: number): Buffer {
  const writer = new BinaryWriter();
  for (const service of services) {
    writer.tag(1, 2).fork().tag(1, 2).string(service).tag(2, 2).bytes(response(serving)).join();
  }
  return Buffer.from(writer.finish());
}

export interface Health {
  /** Tells everybody who asks or watches that the server takes no more calls. */
  readonly stop: () => void;
}

/**
 * Adds grpc.health.v1 for `services` and for the server as a whole, whose name is "". By hand, because grpc-health-check
 * reads its messages' definition from a file at run time and brings a protobuf compiler along.
 */
export function addHealthService(server: Server, services: readonly string[]): Health {
  const known = ['', ...services];
  let serving = SERVING;
  const watchers = new Set<{ readonly service: string; readonly send: () => void; readonly end: () => void }>();
  const statusOf = (service: string): number => (known.includes(service) ? serving : SERVICE_UNKNOWN);
  server.addService(HEALTH, {
    check(call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) {
      const service = readService(call.request);
      if (service === undefined) respond(MALFORMED);
      else if (!known.includes(service)) respond({ code: status.NOT_FOUND, details: 'no such service here' });
      else respond(null, response(serving));
    },
    watch(call: ServerWritableStream<Buffer, Buffer>) {
      const service = readService(call.request);
      if (service === undefined) {
        call.emit('error', MALFORMED);
        return;
      }
      const watcher = { service, send: () => void call.write(response(statusOf(service))), end: () => void call.end() };
      watchers.add(watcher);
      call.on('cancelled', () => watchers.delete(watcher));
      watcher.send();
    },
    list(_call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) {
      respond(null, listResponse(known, serving));
    },
  });
  return {
    stop() {
      serving = NOT_SERVING;
      for (const watcher of watchers) {
        watcher.send();
        // A watch has no end of its own and would keep its connection open.
        watcher.end();
      }
      watchers.clear();
    },
  };
}

const MALFORMED = { code: status.INVALID_ARGUMENT, details: 'the request could not be read' };

function readService(bytes: Buffer): string | undefined {
  try {
    return serviceOf(bytes);
  } catch {
    return undefined;
  }
}
