// @node-oauth/oauth2-server in a small express app, with the model kept in memory in the way its documentation describes.
//
//   node node-oauth-server.mjs [--port N]
//
// Grants: authorization code, refresh, client credentials, password. No OpenID Connect, no metadata document of its own: the
// app serves a small one. Prints one line of JSON when it is ready.

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { parseArgs } from 'node:util'

import OAuth2Server from '@node-oauth/oauth2-server'
import express from 'express'

import { basic, featured } from './clients.mjs'

const { values: options } = parseArgs({ options: { port: { type: 'string', default: '9404' } } })
const port = Number(options.port)
const issuer = `http://127.0.0.1:${port}`
const { Request, Response } = OAuth2Server

const SCOPES = ['mail:read', 'mail:send']
const people = { ada: 'correct-horse-of-ada', bob: 'correct-horse-of-bob' }
const { web, other, native } = basic
const { machine, password } = featured
const clients = { web, other, native, machine, password }

const same = (a, b) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
const codes = new Map()
const access = new Map()
const refresh = new Map()

/** What the library asks the app for; names are the library's. */
const model = {
  async getClient(id, secret) {
    const client = Object.values(clients).find((each) => each.client_id === id)
    if (!client) return null
    // The library asks without a secret at the authorization endpoint, and where authentication is not required.
    if (secret && !(client.client_secret && same(client.client_secret, secret))) return null
    return { id, redirectUris: client.redirect_uris, grants: client.grant_types, name: client.client_name }
  },
  async getUser(name, typed) {
    return people[name] && same(people[name], typed) ? { id: name } : null
  },
  getUserFromClient: async (client) => ({ id: client.id }),
  async validateScope(_user, _client, scope) {
    return (scope ?? []).every((each) => SCOPES.includes(each)) ? (scope ?? []) : false
  },
  async saveAuthorizationCode(code, client, user) {
    const kept = { ...code, client, user }
    codes.set(code.authorizationCode, kept)
    return kept
  },
  getAuthorizationCode: async (code) => codes.get(code),
  revokeAuthorizationCode: async (code) => codes.delete(code.authorizationCode),
  async saveToken(token, client, user) {
    const kept = { ...token, client, user }
    access.set(token.accessToken, kept)
    if (token.refreshToken) refresh.set(token.refreshToken, kept)
    return kept
  },
  getAccessToken: async (token) => access.get(token),
  getRefreshToken: async (token) => refresh.get(token),
  revokeToken: async (token) => refresh.delete(token.refreshToken),
}

const server = new OAuth2Server({ model })
const app = express()
app.disable('x-powered-by')
app.use(express.urlencoded({ extended: false }))

/** Who signed in, and the token of their forms, by cookie. */
const sessions = new Map()
function session(req, res) {
  const held = /(?:^|; )session=([\w-]+)/.exec(req.headers.cookie ?? '')?.[1]
  if (sessions.has(held)) return sessions.get(held)
  const id = randomBytes(32).toString('base64url')
  sessions.set(id, { form: randomBytes(32).toString('base64url') })
  res.cookie('session', id, { httpOnly: true, sameSite: 'lax' })
  return sessions.get(id)
}

const escaped = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`)
const page = (res, title, form, inner) =>
  res.set({ 'content-security-policy': "default-src 'none'; frame-ancestors 'none'", 'cache-control': 'no-store' }).type('html').send(
    `<!doctype html><title>${title}</title><h1>${title}</h1><form method="post"><input type="hidden" name="form" value="${form}">${inner}</form>`)

app.all('/sign-in', async (req, res) => {
  const mine = session(req, res)
  let said = ''
  if (req.method === 'POST' && req.body?.form === mine.form) {
    const user = await model.getUser(String(req.body.username), String(req.body.password))
    if (user) {
      Object.assign(mine, { user })
      return res.redirect(303, mine.onward ?? '/')
    }
    said = '<p>Name or password is wrong</p>'
  }
  page(res, 'Sign in', mine.form, `${said}<input name="username"><input type="password" name="password"><button>Sign in</button>`)
})

app.all('/authorize', async (req, res) => {
  const mine = session(req, res)
  if (!mine.user) {
    mine.onward = req.originalUrl
    return res.redirect(303, '/sign-in')
  }
  const answered = req.method === 'POST' && req.body?.form === mine.form && req.body.answer
  if (!answered) {
    const client = await model.getClient(String(req.query.client_id))
    if (!client) return res.status(400).type('text').send('unknown client')
    return page(res, 'Allow', mine.form, `<p>${escaped(client.name)} asks for ${escaped(req.query.scope ?? 'nothing')}</p>`
      + '<button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button>')
  }
  const [request, response] = [new Request(req), new Response(res)]
  request.query = { ...request.query, allowed: answered === 'allow' ? 'true' : 'false' }
  try {
    await server.authorize(request, response, { authenticateHandler: { handle: () => mine.user } })
  } catch (error) {
    // The library writes the redirect into the response before it throws; without one the client or its address is unknown.
    if (!response.headers.location) return res.status(error.code ?? 500).type('text').send(error.name)
  }
  res.set(response.headers).status(303).end()
})

app.post('/token', async (req, res) => {
  const [request, response] = [new Request(req), new Response(res)]
  try {
    const requireClientAuthentication = req.body?.client_id === native.client_id ? { authorization_code: false, refresh_token: false } : {}
    await server.token(request, response, { requireClientAuthentication })
  } catch (error) {
    if (!response.body?.error) response.body = { error: error.name }
    response.status = error.code ?? 500
  }
  res.set(response.headers).status(response.status).json(response.body)
})

app.all('/userinfo', async (req, res) => {
  const [request, response] = [new Request(req), new Response(res)]
  try {
    const token = await server.authenticate(request, response)
    res.json({ sub: token.user.id })
  } catch (error) {
    res.set(response.headers).status(error.code ?? 500).json({ error: error.name })
  }
})

app.get('/.well-known/oauth-authorization-server', (_req, res) => res.json({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  scopes_supported: SCOPES,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials', 'password'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
  code_challenge_methods_supported: ['S256', 'plain'],
}))

const listening = app.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ ready: true, issuer, clients, users: people })))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => listening.close(() => process.exit(0)))
