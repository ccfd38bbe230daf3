// The handler alone, on requests that are decoded already: writes its microseconds and its CPU per call as one line of JSON.
import { RunFunctionRequest } from '@crossplane-org/function-sdk-typescript';
import { runFunction } from '../src/function.ts';
import { readMessages } from './requests-file.ts';

const [file = '', calls = '300'] = process.argv.slice(2);
const requests = readMessages(file).map((message) => RunFunctionRequest.decode(message));
const latencies: number[] = [];
const run = (count: number): void => {
  for (let call = 0; call < count; call++) {
    const request = requests[call % requests.length];
    if (request === undefined) throw new Error('no requests');
    const start = performance.now();
    runFunction(request);
    latencies.push((performance.now() - start) * 1000);
  }
};
// As warm as a server that has been running for a while: what V8 spends on compiling is not the handler's.
run(3000);
latencies.length = 0;
const before = process.cpuUsage();
run(Number(calls));
const { user, system } = process.cpuUsage(before);
latencies.sort((a, b) => a - b);
process.stdout.write(JSON.stringify({ p50: latencies[latencies.length >> 1], cpu: (user + system) / Number(calls) }));
