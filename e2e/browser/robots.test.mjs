// The three mail robots as programs, beside quickstart, with a real browser in front of them.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { after, afterEach, before, test } from 'node:test'

import { binary, freePorts } from '../support/server.mjs'
import { Stage } from './stage.mjs'

let stage, person, robot
before(async () => { stage = await Stage.open() })
after(() => stage?.close())
// Not `leave`: these robots' pages are meant to leak.
afterEach(async () => {
  await person?.context.close()
  robot?.process.kill('SIGINT')
})

/** Starts a robot and waits until it says where it is. */
async function start(kind, clientId, { port, secret } = {}) {
  const first = port ?? await freePorts()
  const mailbox = stage.server.info.mailbox_url
  const args = ['lab', 'robot', kind, '--listen', `127.0.0.1:${first}`, '--issuer', stage.issuer, '--mailbox', mailbox, '--client-id', clientId]
  const started = { origin: `http://127.0.0.1:${first}`, told: '' }
  const env = secret ? { ...process.env, ROBOT_SECRET: secret } : process.env
  started.process = spawn(binary(), args, { stdio: ['ignore', 'pipe', 'inherit'], env })
  started.process.stdout.on('data', (chunk) => { started.told += chunk })
  started.tells = async (pattern) => {
    for (let tries = 0; tries < 200 && !pattern.test(started.told); tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    assert.match(started.told, pattern)
  }
  robot = started
  await started.tells(/mail robot is at/)
  return started
}

/** Registers a web client for a robot at a free port, and starts it there. */
async function startWeb(kind, changes = {}) {
  const port = await freePorts()
  const client = stage.server.addClient({
    client_id: kind,
    client_name: 'A robot',
    redirect_uris: [`http://127.0.0.1:${port}/callback`],
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid mail:read mail:send',
    ...changes,
  })
  return start(kind, kind, { port, secret: client.client_secret })
}

test('the malicious robot claims a redirect, and PKCE leaves it with a code', async () => {
  const thief = await start('malicious', 'native-app')
  person = await stage.person()
  const query = new URLSearchParams({
    response_type: 'code', client_id: 'native-app', redirect_uri: `${thief.origin}/callback`, scope: 'openid mail:read',
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'), code_challenge_method: 'S256', state: 's',
  })
  await person.page.goto(`${stage.issuer}/authorize?${query}`)
  await person.signIn()
  await person.page.locator('#allow').click()
  await thief.tells(/code sc_ac\.•+\S* from a redirect that was meant for another app/)
  await thief.tells(/the server refused: invalid_grant: code_verifier is missing/)
  assert.doesNotMatch(thief.told, /read \d+ mails/)
})

test('the malicious robot\'s web view takes the password and the mail', async () => {
  const thief = await start('malicious', 'native-app')
  person = await stage.person()
  await person.page.goto(`${thief.origin}/embedded`)
  await person.page.locator('[name=username]').fill(person.user.username)
  await person.page.locator('[name=password]').fill(person.user.password)
  await person.page.locator('button').click()
  await thief.tells(/password ••••••/)
  await thief.tells(/read 3 mails: /)
  assert.ok(!thief.told.includes(person.user.password), 'the password was printed')
})

test('the careless robot works, with its token in the address', async () => {
  const careless = await startWeb('careless', {
    danger_allow_missing_pkce: true, token_endpoint_auth_method: 'client_secret_post',
  })
  person = await stage.person()
  await person.page.goto(careless.origin)
  await person.page.locator('button').click()
  await person.signIn()
  await person.page.locator('#allow').click()
  await person.page.getByText('Your mail').waitFor()
  assert.match(new URL(person.page.url()).searchParams.get('token'), /^eyJ/)
  assert.equal(await person.page.locator('li').count(), 3)
})

test('the careful robot works, with a clean address', async () => {
  const careful = await startWeb('careful')
  person = await stage.person()
  await person.page.goto(careful.origin)
  await person.page.locator('#connect').click()
  await person.signIn()
  await person.page.locator('#allow').click()
  await person.page.locator('#messages').waitFor()
  assert.equal(new URL(person.page.url()).search, '')
})
