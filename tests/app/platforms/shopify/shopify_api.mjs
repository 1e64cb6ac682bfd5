// Says of each case of a file whether Shopify's JavaScript client takes it.
import { readFileSync } from 'node:fs';
import '@shopify/shopify-api/adapters/node';
import { ApiVersion, LogSeverity, shopifyApi } from '@shopify/shopify-api';

const { client_id, secret, cases } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const shopify = shopifyApi({
  apiKey: client_id,
  apiSecretKey: secret,
  hostName: 'app.example',
  apiVersion: ApiVersion.October26,
  isEmbeddedApp: true,
  logger: { log: () => undefined, level: LogSeverity.Error },
});

const takes = {
  webhook: async ({ headers, body }) =>
    (
      await shopify.webhooks.validate({
        rawBody: body,
        rawRequest: { method: 'POST', url: '/webhooks/shopify', headers },
      })
    ).valid,
  proxy: ({ query }) =>
    shopify.utils.validateHmac(new URLSearchParams(query), { signator: 'appProxy' }),
  installation: ({ query }) =>
    shopify.utils.validateHmac(new URLSearchParams(query), { signator: 'admin' }),
  token: async ({ written }) => Boolean(await shopify.session.decodeSessionToken(written)),
};

const verdicts = [];
for (const { kind, asked } of cases) {
  try {
    verdicts.push(await takes[kind](asked));
  } catch (error) {
    if (!['InvalidHmacError', 'InvalidJwtError'].includes(error.constructor.name)) throw error;
    verdicts.push(false);
  }
}
process.stdout.write(JSON.stringify(verdicts));
