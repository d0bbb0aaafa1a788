// The clients that every peer is set up with, by the role that the probe's target files give them. Ids and secrets are fixed
// and public: these servers listen on a loopback address and forget everything when they stop.

const secret = (role) => `public-secret-of-the-${role}-client-for-probing-only`

const web = (role, more = {}) => ({
  client_id: `probe-${role}`,
  client_name: `Probe ${role}`,
  client_secret: secret(role),
  redirect_uris: [`https://${role}.client.example/callback`],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_basic',
  ...more,
})

const withoutRedirect = { redirect_uris: [], response_types: [] }

/** Two confidential web clients, one with a key, one with front-channel answers and a native one: what a server in its default set-up can hold. */
export const basic = {
  web: web('web', { post_logout_redirect_uris: ['https://web.client.example/signed-out'] }),
  other: web('other', { post_logout_redirect_uris: ['https://other.client.example/signed-out'] }),
  key: {
    ...web('key'),
    client_secret: undefined,
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES256',
    // Its other half stands in the target files.
    jwks: {
      keys: [
        {
          kty: 'EC',
          crv: 'P-256',
          kid: 'probe-key',
          x: 'MePIy62ASwEGvILYKPwxeMEL3rm3h0WdLW4FVnlu0Mg',
          y: 'jLhYl5zkyiMTogeEbeDzPgr4CUx4mo9QoRnzpe4ymx8',
        },
      ],
    },
  },
  implicit: web('implicit', {
    grant_types: ['authorization_code', 'implicit', 'refresh_token'],
    response_types: ['code', 'id_token', 'code id_token'],
  }),
  native: {
    client_id: 'probe-native',
    client_name: 'Probe native',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback', 'com.example.probe:/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  },
}

/** The key of the one who vouches for apps (attestation of clients). Its other half stands in the target file. */
export const attester = {
  kty: 'EC',
  crv: 'P-256',
  kid: 'attester',
  x: 'I_DtRYExC2Tk2tArLsaloYJy0squVZAReNXKmQNdWck',
  y: 'H4cf8jAdNyylOU2ZXsl0XILN39MtNAe1nolecQGygRk',
}

/** The clients of features that are off by default. */
export const featured = {
  // For servers that have the password grant, which was left out of OAuth 2.1 on purpose.
  password: web('password', { ...withoutRedirect, grant_types: ['password', 'refresh_token'] }),
  ciba: web('ciba', {
    ...withoutRedirect,
    grant_types: ['urn:openid:params:grant-type:ciba'],
    backchannel_token_delivery_mode: 'poll',
  }),
  attested: {
    client_id: 'probe-attested',
    client_name: 'Probe attested',
    redirect_uris: ['https://attested.client.example/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'attest_jwt_client_auth',
  },
  machine: web('machine', { ...withoutRedirect, grant_types: ['client_credentials'] }),
  api: web('api', { ...withoutRedirect, grant_types: [] }),
  device: {
    client_id: 'probe-device',
    client_name: 'Probe device',
    application_type: 'native',
    ...withoutRedirect,
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  },
  'device-confidential': web('device-confidential', {
    ...withoutRedirect,
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
  }),
  implicit: {
    ...basic.implicit,
    response_types: ['code', 'id_token', 'id_token token', 'code id_token', 'code token', 'code id_token token'],
  },
}
