// openid-client, as npm gives it, against the quickstart server.

import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'

import * as oauth from 'openid-client'

import { FormDriver } from '../../e2e/support/form-driver.mjs'
import { Report } from '../../e2e/support/report.mjs'
import { Quickstart } from '../../e2e/support/server.mjs'

const report = new Report('openid-client against the quickstart server')
const server = await Quickstart.start()
const person = new FormDriver()
const SCOPE = 'openid mail:read mail:send'

/** Plain http is for loopback addresses; the library wants that said. */
const discover = (client, authentication) =>
  oauth.discovery(new URL(server.issuer), client.client_id, client, authentication, {
    execute: [oauth.allowInsecureRequests, oauth.enableNonRepudiationChecks],
  })

/** The whole code flow of a client; gives back what the library made of the answer. */
async function signIn(config, redirectUri, extra = {}) {
  const verifier = oauth.randomPKCECodeVerifier()
  const [state, nonce] = [oauth.randomState(), oauth.randomNonce()]
  const url = oauth.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: SCOPE,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...extra,
  })
  const answer = await person.allow(url, server.user, redirectUri)
  const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce, idTokenExpected: true }
  const current = answer.redirect ?? new Request(answer.action, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(answer.fields),
  })
  return oauth.authorizationCodeGrant(config, current, checks)
}

try {
  const robot = server.clients['mail-robot']
  const redirect = robot.redirect_uris[0]
  const web = await report.check('discovery', async () => {
    const config = await discover(robot, oauth.ClientSecretBasic(robot.client_secret))
    const metadata = config.serverMetadata()
    assert.equal(metadata.issuer, server.issuer)
    assert.ok(metadata.supportsPKCE())
    assert.equal(metadata.authorization_response_iss_parameter_supported, true)
    return config
  })

  const tokens = await report.check('code with PKCE, state, nonce, iss and a signed ID token (client_secret_basic)', async () => {
    const tokens = await signIn(web, redirect)
    assert.equal(tokens.claims().aud, robot.client_id)
    assert.equal(tokens.scope, SCOPE)
    assert.ok(tokens.refresh_token)
    return tokens
  })

  await report.check('userinfo', async () => {
    const claims = await oauth.fetchUserInfo(web, tokens.access_token, tokens.claims().sub)
    assert.equal(claims.sub, tokens.claims().sub)
  })

  await report.check('a protected resource', async () => {
    const url = new URL('/messages', server.info.mailbox_url)
    const answer = await oauth.fetchProtectedResource(web, tokens.access_token, url, 'GET')
    assert.equal(answer.status, 200)
  })

  const fresh = await report.check('refresh', async () => {
    const fresh = await oauth.refreshTokenGrant(web, tokens.refresh_token)
    assert.ok(fresh.access_token !== tokens.access_token)
    return fresh
  })

  const api = server.clients['mail-api']
  const resource = await discover(api, oauth.ClientSecretBasic(api.client_secret))
  await report.check('introspection', async () => {
    const answer = await oauth.tokenIntrospection(resource, fresh.access_token)
    assert.equal(answer.active, true)
    assert.equal(answer.client_id, robot.client_id)
  })

  await report.check('revocation ends the grant', async () => {
    await oauth.tokenRevocation(web, fresh.refresh_token)
    assert.equal((await oauth.tokenIntrospection(resource, fresh.access_token)).active, false)
    await assert.rejects(oauth.refreshTokenGrant(web, fresh.refresh_token), { error: 'invalid_grant' })
  })

  await report.check('form_post', async () => {
    const tokens = await signIn(web, redirect, { response_mode: 'form_post', prompt: 'consent' })
    assert.ok(tokens.access_token)
  })

  await report.check('max_age, login_hint, claims and prompt=login', async () => {
    const claims = JSON.stringify({ id_token: { auth_time: { essential: true } }, userinfo: { name: null } })
    const extra = { max_age: '600', login_hint: server.user.username, claims, prompt: 'login' }
    const tokens = await signIn(web, redirect, extra)
    assert.ok(Math.abs(Date.now() / 1000 - tokens.claims().auth_time) < 60)
  })

  await report.check('prompt=none with a stranger in front: login_required', async () => {
    const stranger = new FormDriver()
    const url = oauth.buildAuthorizationUrl(web, {
      redirect_uri: redirect, scope: 'openid', prompt: 'none', state: 's',
      code_challenge: await oauth.calculatePKCECodeChallenge('x'.repeat(43)), code_challenge_method: 'S256',
    })
    const { redirect: answer } = await stranger.allow(url, server.user, redirect)
    await assert.rejects(
      oauth.authorizationCodeGrant(web, answer, { expectedState: 's', pkceCodeVerifier: 'x'.repeat(43) }),
      { error: 'login_required' },
    )
  })

  await report.check('a native client: loopback redirect on a port of the day, no secret', async () => {
    const native = await discover(server.clients['native-app'], oauth.None())
    const tokens = await signIn(native, 'http://127.0.0.1:53682/callback')
    const fresh = await oauth.refreshTokenGrant(native, tokens.refresh_token)
    await oauth.tokenRevocation(native, fresh.refresh_token)
  })

  await report.check('client_secret_post', async () => {
    const client = server.addClient({
      client_name: 'Post', redirect_uris: ['https://post.example/callback'], scope: SCOPE,
      grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'client_secret_post',
    })
    const config = await discover(client, oauth.ClientSecretPost(client.client_secret))
    const tokens = await signIn(config, client.redirect_uris[0])
    await oauth.refreshTokenGrant(config, tokens.refresh_token)
  })

  const batch = server.clients['batch-job']
  await report.check('client credentials with a secret', async () => {
    const config = await discover(batch, oauth.ClientSecretBasic(batch.client_secret))
    const tokens = await oauth.clientCredentialsGrant(config, { scope: batch.scope, resource: server.info.mailbox_url })
    assert.equal(tokens.token_type, 'bearer')
    assert.equal(tokens.refresh_token, undefined)
  })

  for (const alg of ['ES256', 'Ed25519', 'PS256', 'RS256']) {
    await report.check(`client credentials with private_key_jwt (${alg}), and no assertion twice`, async () => {
      const { key, jwk } = await makeKey(alg)
      const client = server.addClient({
        client_name: `Key ${alg}`, grant_types: ['client_credentials'], scope: batch.scope,
        token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] },
      })
      let seen
      const modify = (_header, payload) => {
        seen ??= payload.jti
        payload.jti = seen
      }
      const config = await discover(client, oauth.PrivateKeyJwt({ key, kid: jwk.kid }, { [oauth.modifyAssertion]: modify }))
      await oauth.clientCredentialsGrant(config, { scope: batch.scope })
      await assert.rejects(oauth.clientCredentialsGrant(config, { scope: batch.scope }), { status: 401 })
    })
  }

  await report.check('code flow with private_key_jwt', async () => {
    const { key, jwk } = await makeKey('ES256')
    const client = server.addClient({
      client_name: 'Key and code', redirect_uris: ['https://key.example/callback'], scope: SCOPE,
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [jwk] },
    })
    const config = await discover(client, oauth.PrivateKeyJwt({ key, kid: jwk.kid }))
    const tokens = await signIn(config, client.redirect_uris[0])
    await oauth.refreshTokenGrant(config, tokens.refresh_token)
    await oauth.tokenRevocation(config, tokens.access_token)
  })
} finally {
  if (report.failed > 0) console.log(`# the server's log ends:\n${server.tail()}`)
  await server.stop()
}
report.finish()

async function makeKey(alg) {
  const algorithm = {
    ES256: { name: 'ECDSA', namedCurve: 'P-256' },
    Ed25519: { name: 'Ed25519' },
    PS256: { name: 'RSA-PSS', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    RS256: { name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
  }[alg]
  const { publicKey, privateKey } = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const { kty, crv, x, y, n, e } = await webcrypto.subtle.exportKey('jwk', publicKey)
  const members = { kty, crv, x, y, n, e, kid: `test-${alg}`, use: 'sig', alg }
  return { key: privateKey, jwk: JSON.parse(JSON.stringify(members)) }
}
