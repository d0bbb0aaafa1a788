// node-oidc-provider as npm gives it, on a loopback address, for the probe.
//
//   node oidc-provider.mjs [--port N] [--all-features]
//
// Without --all-features: the default development set-up, with nothing but clients added. With it: every feature on that does
// not take a certificate or a second server. Prints one line of JSON when it is ready.

import { createPublicKey, randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'

import Provider, { errors } from 'oidc-provider'

import { attester, basic, featured } from './clients.mjs'

const { values: options } = parseArgs({
  options: { port: { type: 'string' }, 'all-features': { type: 'boolean', default: false } },
})
const all = options['all-features']
const port = Number(options.port ?? (all ? 9402 : 9401))
const issuer = `http://127.0.0.1:${port}`

/** One API, so that tokens for an audience can be asked for; the scope is what it knows. */
const API = 'https://api.example/mail'

// The server has no password grant.
const { password: _, ...usable } = featured
const clients = { ...basic, ...(all ? usable : {}) }

/** The people that CIBA can ask for. Nobody answers: the probe looks at what can be asked, not at what is allowed. */
const ciba = {
  enabled: true,
  deliveryModes: ['poll'],
  processLoginHint: async (_ctx, hint) => hint,
  triggerAuthenticationDevice: async () => {},
  verifyUserCode: async () => {},
  validateRequestContext: async () => {},
  processLoginHintToken: async () => { throw new errors.InvalidRequest('not offered') },
}

const features = {
  attestClientAuth: {
    enabled: true,
    ack: 'draft-12',
    additionalSecuritySignal: false,
    challengeSecret: randomBytes(32),
    getAttestationSignaturePublicKey: (_ctx, header) => {
      if (header.kid !== attester.kid) throw new Error('unknown attester')
      return createPublicKey({ key: attester, format: 'jwk' })
    },
  },
  backchannelLogout: { enabled: true },
  ciba,
  claimsParameter: { enabled: true },
  clientCredentials: { enabled: true },
  clientIdMetadataDocument: { enabled: true, ack: 'draft-02' },
  dPoP: { enabled: true, nonceSecret: randomBytes(32) },
  deviceFlow: { enabled: true, charset: 'base-20', mask: '****-****' },
  introspection: { enabled: true },
  jwtIntrospection: { enabled: true },
  jwtResponseModes: { enabled: true },
  jwtUserinfo: { enabled: true },
  registration: { enabled: true },
  registrationManagement: { enabled: true },
  requestObjects: { enabled: true },
  resourceIndicators: {
    enabled: true,
    getResourceServerInfo: (_ctx, resource) => {
      if (resource !== API) throw new errors.InvalidTarget()
      return { scope: 'mail:read mail:send', audience: API, accessTokenFormat: 'jwt' }
    },
  },
  revocation: { enabled: true },
}

const provider = new Provider(issuer, {
  clients: Object.values(clients),
  ...(all && {
    features,
    acrValues: ['0', '1'],
    clientAuthMethods: [
      'client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none', 'attest_jwt_client_auth',
    ],
    scopes: ['openid', 'offline_access', 'mail:read', 'mail:send'],
    responseTypes: ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token', 'none'],
  }),
})

const server = provider.listen(port, '127.0.0.1', () => {
  console.log(JSON.stringify({ ready: true, issuer, all_features: all, clients }))
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)))
