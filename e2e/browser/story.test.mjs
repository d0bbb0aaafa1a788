// The newcomer's story, and the ways in which people leave it.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import { DESKTOP, Listener, PHONE, Stage, axe } from './stage.mjs'

let stage, person
before(async () => { stage = await Stage.open() })
after(() => stage?.close())

const visit = (options) => {
  beforeEach(async () => { person = await stage.person(options) })
  afterEach(() => person.leave())
}

const text = (selector) => person.page.locator(selector).innerText()
const path = () => new URL(person.page.url()).pathname

/** Connect, read, send, refresh, disconnect. */
async function story() {
  const { page } = person
  await page.goto(stage.robot)
  await page.locator('#connect').click()
  assert.equal(path(), '/sign-in')
  await person.signIn()
  assert.equal(path(), '/consent')
  await page.locator('#allow').click()
  await page.locator('#messages').waitFor()
  assert.equal(path(), '/inbox')
  assert.equal(new URL(page.url()).search, '', 'the code stays in the address')
  const before = await page.locator('#messages li').count()
  assert.ok(before > 0, 'no mail')

  await page.locator('#subject').fill('Sent by a test')
  await page.locator('#send button').click()
  await page.locator('#messages').getByText('Sent by a test').waitFor()
  assert.equal(await page.locator('#messages li').count(), before + 1)

  await page.locator('#refresh').click()
  await page.locator('#notice').waitFor()
  assert.equal(await page.locator('#messages li').count(), before + 1)

  const steps = await text('#panel')
  for (const secret of [/sc_ac\.[a-v0-9]{13}\.[\w-]{43}/, /sc_rt\.[a-v0-9]{13}\.[\w-]{43}/, /eyJ[\w-]+\.[\w-]+\.[\w-]{80}/]) {
    assert.doesNotMatch(await page.content(), secret, 'a secret is on the page')
  }
  assert.match(steps, /authori[sz]e|code/i)

  await page.locator('#disconnect').click()
  await page.locator('#connect').waitFor()
  await page.goto(`${stage.robot.replace(/\/$/, '')}/inbox`)
  await page.locator('#connect').waitFor()
}

describe('the story', () => {
  visit()

  test('connect, sign in, allow, read, send, refresh, disconnect', story)

  test('a wrong password is told without telling which part was wrong, and the right one works after it', async () => {
    const { page } = person
    await page.goto(stage.robot)
    await page.locator('#connect').click()
    await person.signIn(page, { ...person.user, password: 'wrong' })
    assert.equal(path(), '/sign-in')
    await page.locator('#problem').waitFor()
    const told = await text('#problem')
    assert.equal(await page.locator('#password').inputValue(), '')
    await person.signIn(page, { username: 'nobody', password: 'wrong' })
    assert.equal(await text('#problem'), told)
    await person.signIn()
    await page.locator('#allow').waitFor()
  })

  test('deny goes back to the robot, which says so', async () => {
    const { page } = person
    await page.goto(stage.robot)
    await page.locator('#connect').click()
    await person.signIn()
    await page.locator('#deny').click()
    await page.locator('#connect').waitFor()
    assert.equal(new URL(page.url()).origin, new URL(stage.robot).origin)
    assert.match(await text('#notice'), /no/i)
  })

  test('scopes can be narrowed on the consent page', async () => {
    const { page } = person
    await person.upToConsent()
    await page.locator('input[name=scope][value="mail:send"]').uncheck()
    await page.locator('#allow').click()
    await page.locator('#messages').waitFor()
    assert.equal(await page.locator('#send').count(), 0, 'it may still send')
    assert.match(await text('main'), /Not granted:\s*mail:send/)
    await page.locator('#disconnect').click()
  })

  test('the consent page tells who asks, for what, where it leads, and waits before it can be clicked', async () => {
    const { page } = person
    await person.upToConsent()
    const shown = await text('main')
    assert.match(shown, /robot/i)
    assert.match(shown, new RegExp(new URL(stage.robot).host))
    assert.match(shown, new RegExp(person.user.username))
    assert.doesNotMatch(shown, /mail:read/, 'a scope instead of words')
    // A page that changed under the mouse takes no click at once.
    await page.reload()
    await page.locator('#allow').scrollIntoViewIfNeeded()
    const box = await page.locator('#allow').boundingBox()
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
    await page.waitForTimeout(200)
    assert.equal(path(), '/consent')
    await page.waitForTimeout(700)
    await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2)
    await page.locator('#messages').waitFor()
    await page.locator('#disconnect').click()
  })

  test('the keyboard alone is enough', async () => {
    const { page } = person
    await page.goto(stage.robot)
    await page.locator('#connect').focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/sign-in/)
    assert.equal(await page.evaluate(() => document.activeElement.id), 'username')
    await page.keyboard.type(person.user.username)
    await page.keyboard.press('Tab')
    await page.keyboard.type(person.user.password)
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/consent/)
    await page.waitForTimeout(700)
    await page.locator('#allow').focus()
    await page.keyboard.press('Enter')
    await page.locator('#messages').waitFor()
    await page.locator('#disconnect').click()
  })

  test('back after consent shows that the request is over, and gives nothing away', async () => {
    const { page } = person
    await person.connect()
    await page.goBack()
    const allow = page.locator('#allow')
    if (await allow.count()) {
      await page.waitForTimeout(700)
      await allow.click()
    }
    await page.waitForLoadState()
    assert.notEqual(path(), '/inbox')
    assert.equal(await page.locator('#allow').count(), 0, 'it can be allowed twice')
    assert.equal(await page.locator('#password').count(), 0, 'a password is asked for')
    await page.goto(`${stage.robot.replace(/\/$/, '')}/inbox`)
    await page.locator('#messages').waitFor()
    await page.locator('#disconnect').click()
  })

  test('somebody else can be signed in from the consent page', async () => {
    const { page } = person
    await person.upToConsent()
    await page.locator('button[value=switch]').click()
    await page.locator('#sign-in').waitFor()
    await person.signIn()
    await page.locator('#allow').waitFor()
  })
})

describe('two tabs', () => {
  visit()

  test('each finishes its own request', async () => {
    const listeners = [await Listener.open(), await Listener.open()]
    const tabs = [person.page, await person.context.newPage()]
    for (const at of [0, 1]) await tabs[at].goto(listeners[at].request(stage))
    await person.signIn(tabs[0])
    await tabs[0].locator('#allow').waitFor()
    await person.signIn(tabs[1])
    await tabs[1].locator('#allow').waitFor()
    // The first tab's page was made for the session that was replaced; whatever it says, it must not go wrong silently.
    await tabs[1].locator('#allow').click()
    await tabs[1].locator('#app').waitFor()
    await tabs[0].reload()
    await tabs[0].locator('#allow').click()
    await tabs[0].locator('#app').waitFor()
    for (const listener of listeners) {
      assert.equal(listener.answers.length, 1)
      assert.equal((await listener.redeem(stage, listener.answers[0])).status, 200)
      await listener.close()
    }
  })

  test('what one person was shown, another cannot allow', async () => {
    const other = stage.account()
    const listener = await Listener.open()
    const [first, second] = [person.page, await person.context.newPage()]
    await first.goto(listener.request(stage))
    await person.signIn(first)
    await first.locator('#allow').waitFor()
    await second.goto(listener.request(stage))
    await second.locator('button[value=switch]').click()
    await person.signIn(second, other)
    await second.locator('#allow').waitFor()
    await first.locator('#allow').click()
    await first.waitForLoadState()
    assert.equal(listener.answers.length, 0, 'a code for the wrong person')
    assert.equal(new URL(first.url()).origin, stage.issuer)
    await listener.close()
  })

  test('the robot takes the answer to its newest request only', async () => {
    const [first, second] = [person.page, await person.context.newPage()]
    await person.upToConsent(first)
    await person.upToConsent(second)
    await second.locator('#allow').click()
    await second.locator('#messages').waitFor()
    await first.locator('#allow').click()
    await first.waitForLoadState()
    assert.equal(await first.locator('#messages').count(), 0)
    await second.reload()
    await second.locator('#messages').waitFor()
    await second.locator('#disconnect').click()
  })
})

describe('form_post', () => {
  visit()

  test('the answer arrives as a POST, without a click', async () => {
    const listener = await Listener.open()
    const url = listener.request(stage, { response_mode: 'form_post', state: 'a&b=c "<ü>' })
    await person.page.goto(url)
    await person.signIn()
    await person.page.locator('#allow').click()
    await person.page.locator('#app').waitFor()
    const [answer] = listener.answers
    assert.equal(answer.method, 'POST')
    assert.equal(answer.state, 'a&b=c "<ü>')
    assert.equal(answer.iss, stage.issuer)
    assert.equal(answer.headers.referer, undefined)
    assert.equal((await listener.redeem(stage, answer)).status, 200)
    await listener.close()
  })
})

describe('without JavaScript', () => {
  visit({ javaScriptEnabled: false })

  test('the whole story works', story)

  test('form_post works by a button', async () => {
    const listener = await Listener.open()
    await person.page.goto(listener.request(stage, { response_mode: 'form_post' }))
    await person.signIn()
    await person.page.locator('#allow').click()
    await person.page.locator('#form-post button').click()
    await person.page.locator('#app').waitFor()
    assert.equal(listener.answers[0].method, 'POST')
    await listener.close()
  })
})

describe('in German', () => {
  visit({ locale: 'de-DE' })

  test('the pages follow Accept-Language', async () => {
    const { page } = person
    await page.goto(stage.robot)
    await page.locator('#connect').click()
    assert.equal(await page.locator('html').getAttribute('lang'), 'de')
    assert.match(await text('#sign-in'), /anmelden/i)
    await person.signIn()
    await page.locator('#allow').waitFor()
    assert.equal(await page.locator('html').getAttribute('lang'), 'de')
    assert.match(await text('#allow'), /erlauben|zulassen/i)
    const shown = await text('main')
    assert.doesNotMatch(shown, /\b(the|your|allow|deny)\b/i, 'English is left over')
    await page.goto(`${stage.issuer}/authorize?client_id=nobody`)
    assert.equal(await page.locator('html').getAttribute('lang'), 'de')
  })
})

describe('what every page carries', () => {
  visit()

  test('security headers on each page and each redirect', async () => {
    const { page } = person
    await person.connect()
    await page.locator('#disconnect').click()
    await page.goto(`${stage.issuer}/authorize?client_id=nobody`)
    await page.goto(stage.issuer)
    await page.goto(`${stage.issuer}/errors/pkce-required`)
    const seen = new Set()
    for (const response of person.watch.pages) {
      const url = new URL(response.url())
      const [headers, status] = [await response.allHeaders(), response.status()]
      const where = `${url.origin === stage.issuer ? 'server' : 'robot'} ${url.pathname} ${status}`
      seen.add(where)
      if (status === 303) {
        assert.match(headers['cache-control'] ?? '', /no-store/, `${where}: Cache-Control`)
        assert.equal(headers['referrer-policy'], 'no-referrer', `${where}: Referrer-Policy`)
        continue
      }
      const policy = headers['content-security-policy'] ?? ''
      assert.match(policy, /default-src 'none'/, `${where}: CSP`)
      assert.match(policy, /frame-ancestors 'none'/, `${where}: CSP`)
      assert.match(policy, /base-uri 'none'/, `${where}: CSP`)
      assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval|\s\*[\s;]/, `${where}: CSP`)
      assert.equal(headers['x-frame-options'], 'DENY', `${where}: X-Frame-Options`)
      assert.equal(headers['x-content-type-options'], 'nosniff', `${where}: nosniff`)
      assert.equal(headers['referrer-policy'], 'no-referrer', `${where}: Referrer-Policy`)
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin', `${where}: COOP`)
      if (!url.pathname.startsWith('/errors/')) assert.match(headers['cache-control'] ?? '', /no-store/, `${where}: Cache-Control`)
    }
    const wanted = ['server /sign-in 200', 'server /sign-in 303', 'server /consent 200', 'server /consent 303',
      'server /authorize 303', 'server /authorize 400', 'robot / 200', 'robot /inbox 200', 'robot /callback 303', 'robot /connect 303']
    for (const where of wanted) assert.ok(seen.has(where), `${where} was not seen: ${[...seen].join(', ')}`)
  })

  test('cookies are bound to their host and out of reach for scripts', async () => {
    await person.upToConsent()
    const cookies = await person.context.cookies()
    assert.ok(cookies.length >= 3, JSON.stringify(cookies))
    for (const cookie of cookies) {
      assert.match(cookie.name, /^__Host-/)
      assert.ok(cookie.httpOnly && cookie.secure && cookie.sameSite !== 'None', JSON.stringify(cookie))
    }
    assert.equal(await person.page.evaluate(() => document.cookie), '')
    assert.deepEqual(await person.page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0])
  })

  test('the pages cannot be framed', async () => {
    const { page } = person
    await page.goto(stage.robot)
    const framer = await Listener.open()
    await page.goto(framer.redirectUri)
    await page.evaluate((url) => {
      const frame = document.createElement('iframe')
      frame.src = url
      document.body.append(frame)
    }, framer.request(stage))
    await page.waitForTimeout(800)
    assert.equal(await page.frames().at(-1).locator('#sign-in').count(), 0)
    assert.ok(person.watch.violations.length > 0 || !page.frames().at(-1).url().includes('/sign-in'))
    // The page around it is not ours, and may do what it likes.
    for (const list of [person.watch.violations, person.watch.errors, person.watch.referrers]) list.length = 0
    await framer.close()
  })
})

for (const [name, options] of Object.entries({
  'on a phone': { viewport: PHONE, isMobile: true, hasTouch: true },
  'on a desktop in the dark': { viewport: DESKTOP, colorScheme: 'dark' },
  'on the narrowest phone, in German': { viewport: { width: 320, height: 568 }, locale: 'de-DE', isMobile: true },
})) {
  describe(`${name}`, () => {
    visit(options)

    test('nothing is wider than the window, and axe finds nothing serious', async () => {
      const { page } = person
      const found = []
      const look = async (where) => {
        const wider = await person.overflow()
        if (wider > 0) found.push(`${where}: ${wider} px too wide`)
        found.push(...(await axe(person)).map((violation) => `${where}: ${violation}`))
      }
      await page.goto(stage.robot)
      await look('robot')
      await page.locator('#connect').click()
      await look('sign-in')
      await person.signIn(page, { ...person.user, password: 'wrong' })
      await look('sign-in after a wrong password')
      await person.signIn()
      await page.locator('#allow').waitFor()
      await look('consent')
      await page.waitForTimeout(700)
      await page.locator('#allow').click()
      await page.locator('#messages').waitFor()
      await look('inbox')
      await page.locator('#disconnect').click()
      await look('robot after the flow')
      await page.goto(`${stage.issuer}/authorize?client_id=nobody`)
      await look('error')
      await page.goto(stage.issuer)
      await look('home')
      await page.goto(`${stage.issuer}/errors/pkce-required`)
      await look('rule')
      assert.deepEqual(found, [])
    })
  })
}
