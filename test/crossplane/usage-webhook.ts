import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { crossplaneClusterFiles } from './tools.ts';

interface WebhookConfiguration {
  webhooks: { clientConfig: { service: { path: string } } }[];
}

/** Core's own configuration of the webhook that protects used resources, reached by address instead of by Service. */
export function usageWebhook(port: number | undefined, caFile: string): object {
  const file = join(crossplaneClusterFiles(), 'webhookconfigurations/usage.yaml');
  const configuration: WebhookConfiguration = parse(readFileSync(file, 'utf8'));
  const caBundle = readFileSync(caFile).toString('base64');
  return {
    ...configuration,
    webhooks: configuration.webhooks.map(({ clientConfig, ...webhook }) => ({
      ...webhook,
      clientConfig: { url: `https://127.0.0.1:${port}${clientConfig.service.path}`, caBundle },
    })),
  };
}
