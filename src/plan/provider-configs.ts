import type { Database } from '../api/database.ts';
import type { ProviderConfig } from '../azure/managed.ts';

export interface ConfigName {
  readonly name: string;
}

/** The platform's configuration of this name, for a part in another subscription. A rule has refused a name that the platform does not offer. */
export const otherProviderConfig = ({ platform }: Database, ref: ConfigName | undefined): ProviderConfig | undefined =>
  ref && platform.otherProviderConfigRefs.find(({ name }) => name === ref.name);
