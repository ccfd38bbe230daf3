import { equal, type JsonObject } from './json.ts';
import { type ObjectKey, type ProviderMemory, type Simulation, withEntry } from './state.ts';

/** Changes what the provider process knows about a managed resource; a field set to undefined is forgotten. */
export const remember = (state: Simulation, key: ObjectKey, memory: Partial<ProviderMemory>): Simulation => {
  const before = state.memory[key] ?? {};
  const after = Object.fromEntries(Object.entries({ ...before, ...memory }).filter(([, value]) => value !== undefined));
  // Rebuilt from a ProviderMemory with some of its optional fields replaced.
  return equal(before as JsonObject, after as JsonObject)
    ? state
    : { ...state, memory: withEntry(state.memory, key, after as ProviderMemory) };
};
