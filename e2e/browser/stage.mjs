// A real browser in front of the quickstart server, watched while it works.

import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { randomBytes, createHash } from 'node:crypto'

import { chromium } from 'playwright-core'

import { Quickstart } from '../support/server.mjs'

export const PHONE = { width: 390, height: 844 }
export const DESKTOP = { width: 1280, height: 900 }
const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** The browser to drive: $CHROMIUM, or the system's. */
export const executable = () => process.env.CHROMIUM ?? PATHS.find((path) => existsSync(path))

/** A browser context in which everything is kept that a good page would not do. */
export async function watched(chromium, options) {
  const context = await chromium.newContext({ viewport: DESKTOP, locale: 'en-GB', ...options })
  const watch = { violations: [], foreign: [], errors: [], referrers: [], pages: [] }
  context.setDefaultTimeout(15_000)
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`CSP violation: ${event.violatedDirective} blocked ${event.blockedURI}`)
    })
  })
  context.on('console', (message) => {
    const text = message.text()
    if (/content security policy|csp violation|trusted ?types/i.test(text)) watch.violations.push(text)
    else if (message.type() === 'error' && !/status of 4\d\d|status of 5\d\d/.test(text)) watch.errors.push(text)
  })
  context.on('weberror', (error) => watch.errors.push(String(error.error())))
  context.on('request', (request) => {
    const url = new URL(request.url())
    const loopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname)
    if (!loopback && !['data:', 'about:', 'blob:'].includes(url.protocol)) watch.foreign.push(url.href)
    const referrer = request.headers().referer
    if (referrer && new URL(referrer).origin !== url.origin) watch.referrers.push(`${referrer} -> ${url.href}`)
  })
  context.on('response', (response) => {
    const request = response.request()
    if (request.isNavigationRequest()) watch.pages.push(response)
  })
  // Nothing foreign leaves, whatever a page tries.
  await context.route(/^https?:\/\/(?!127\.0\.0\.1[:/]|\[::1\][:/]|localhost[:/])/, (route) => route.abort())
  return { context, watch }
}

export class Stage {
  static async open(options) {
    const stage = new Stage()
    stage.server = await Quickstart.start(options)
    stage.issuer = stage.server.issuer
    stage.robot = new URL(stage.server.info.robot_url).href
    stage.chromium = await chromium.launch({
      executablePath: executable(),
      headless: true,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--force-color-profile=srgb', '--hide-scrollbars'],
    })
    return stage
  }

  /** An account that has allowed nothing yet: a client that proves itself is not asked about twice. */
  account() {
    this.accounts = (this.accounts ?? 0) + 1
    if (this.accounts === 1) return this.server.user
    const user = { username: `person-${this.accounts}`, password: `one-more-long-password-${this.accounts}` }
    this.server.cli(['user', 'add', user.username], `${user.password}\n`)
    return user
  }

  async close() {
    await this.chromium.close()
    await this.server.stop()
  }

  /** A person with a browser of their own. What the browser notices is kept, and `unwatched` says if it was all right. */
  async person(options = {}) {
    const { context, watch } = await watched(this.chromium, options)
    const page = await context.newPage()
    return new Person(this, context, page, watch, this.account())
  }
}

export class Person {
  constructor(stage, context, page, watch, user) {
    Object.assign(this, { stage, context, page, watch, user })
  }

  /** Nothing was blocked, nothing failed, nothing left the machine, and no address leaked. */
  async leave() {
    await this.context.close()
    assert.deepEqual(this.watch.violations, [], 'CSP violations')
    assert.deepEqual(this.watch.foreign, [], 'requests to other machines')
    assert.deepEqual(this.watch.errors, [], 'errors in the console')
    assert.deepEqual(this.watch.referrers, [], 'referrers to another origin')
  }

  async signIn(page = this.page, { username, password } = this.user) {
    await page.locator('#username').fill(username)
    await page.locator('#password').fill(password)
    await page.locator('#sign-in').click()
  }

  /** Opens the robot and goes up to the consent page. */
  async upToConsent(page = this.page) {
    await page.goto(this.stage.robot)
    await page.locator('#connect').click()
    if (await page.locator('#sign-in').count()) await this.signIn(page)
    await page.locator('#allow').waitFor()
  }

  async connect(page = this.page) {
    await this.upToConsent(page)
    await page.locator('#allow').click()
    await page.locator('#messages').waitFor()
  }

  /** Whether the page is wider than the window. */
  async overflow(page = this.page) {
    return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  }
}

/** What axe says is serious or worse. */
export async function axe(person, page = person.page) {
  const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(source)
  const found = await page.evaluate(() => globalThis.axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }))
  return found.violations
    .filter((violation) => ['serious', 'critical'].includes(violation.impact))
    .map((violation) => `${violation.id}: ${violation.help}: ${violation.nodes.map((node) => node.html).join(' | ')}`)
}

/** A native app's listener: the redirect URI of a public client on a port of the day. */
export class Listener {
  static async open() {
    const listener = new Listener()
    listener.answers = []
    listener.web = createServer((request, response) => {
      let body = ''
      request.on('data', (chunk) => { body += chunk })
      request.on('end', () => {
        const url = new URL(request.url, listener.redirectUri)
        if (url.pathname === '/callback') {
          const pairs = request.method === 'POST' ? new URLSearchParams(body) : url.searchParams
          listener.answers.push({ method: request.method, headers: request.headers, ...Object.fromEntries(pairs) })
        }
        response.writeHead(url.pathname === '/callback' ? 200 : 404, { 'content-type': 'text/html; charset=utf-8' })
        response.end('<!doctype html><html lang="en"><title>The app</title><h1 id="app">The app has the answer</h1>')
      })
    })
    await new Promise((resolve) => listener.web.listen(0, '127.0.0.1', resolve))
    listener.redirectUri = `http://127.0.0.1:${listener.web.address().port}/callback`
    return listener
  }

  close() {
    this.web.closeAllConnections()
    return new Promise((resolve) => this.web.close(resolve))
  }

  /** An honest authorization request of the native app, changed; undefined leaves a parameter out. */
  request(stage, changes = {}) {
    this.verifier = randomBytes(32).toString('base64url')
    const parameters = {
      response_type: 'code',
      client_id: 'native-app',
      redirect_uri: this.redirectUri,
      scope: 'openid mail:read',
      state: randomBytes(8).toString('hex'),
      code_challenge: createHash('sha256').update(this.verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...changes,
    }
    const pairs = Object.entries(parameters).filter(([, value]) => value !== undefined)
    return `${stage.issuer}/authorize?${new URLSearchParams(pairs)}`
  }

  async redeem(stage, answer) {
    return fetch(`${stage.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code', client_id: 'native-app', code: answer.code,
        redirect_uri: this.redirectUri, code_verifier: this.verifier,
      }),
    })
  }
}
