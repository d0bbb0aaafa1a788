// Every scene of the lab, played in a browser: the attack succeeds without the defence and fails with it.

import assert from 'node:assert/strict'
import { after, afterEach, before, beforeEach, describe, test } from 'node:test'

import { Lab, play } from './lab.mjs'
import { DESKTOP, PHONE, axe } from './stage.mjs'

/** What stands at the end of each scene, defence off and on. */
const ENDINGS = {
  'redirect-hijack': [/read \d+ mails? of Ada/, /code_verifier is missing/],
  'embedded-browser': [/read \d+ mails? of Ada/, /The password never came near it/],
  'forged-callback': [/tied to the attacker's account/, /robot refused the callback/],
  'referrer-leak': [/read \d+ mails? of Ada/, /was told nothing/],
  'loose-redirect': [/read \d+ mails? of Ada/, /page of its own/],
  'open-redirector': [/read \d+ mails? of Ada/, /unsupported_response_type/],
  'code-replay': [/read \d+ mails? of Ada/, /ended what had come of the code/],
  'code-injection': [/read \d+ mails? of Ada/, /does not match the code_challenge/],
  'mix-up': [/read \d+ mails? of Ada/, /another issuer/],
}

let lab, person
before(async () => { lab = await Lab.open() })
after(() => lab?.close())

const visit = (options) => {
  beforeEach(async () => { person = await lab.person(options) })
  afterEach(() => person.leave())
}

async function ended(scene) {
  const [off, on] = ENDINGS[scene]
  const text = (selector) => person.page.locator(selector).innerText()
  assert.equal(await text('#run-off .ending h3'), 'The attack succeeded')
  assert.match(await text('#run-off .verdict'), off)
  assert.equal(await text('#run-on .ending h3'), 'The attack failed')
  assert.match(await text('#run-on .verdict'), on)
  for (const run of ['off', 'on']) {
    const arrows = person.page.locator(`#run-${run} .mark:not(.note)`)
    const requests = person.page.locator(`#run-${run} .request`)
    assert.ok(await requests.count() >= 2, `${run}: hardly anything was sent`)
    assert.equal(await arrows.count(), 2 * await requests.count(), `${run}: a request without an answer`)
  }
  const html = await person.page.content()
  for (const secret of [/sc_(ac|rt)\.[a-v0-9]{13}\.[\w-]{43}/, /eyJ[\w-]{20,}/]) {
    assert.doesNotMatch(html, secret, 'a secret is on the page')
  }
}

async function looksGood(name) {
  assert.ok(await person.overflow() <= 0, `${name}: the page is wider than the window`)
  assert.deepEqual(await axe(person), [], name)
}

test('the list names every scene', async () => {
  assert.deepEqual(lab.scenes.toSorted(), Object.keys(ENDINGS).toSorted())
  person = await lab.person({ viewport: PHONE, colorScheme: 'dark' })
  await person.page.goto(lab.url)
  assert.equal(await person.page.locator('.scenes li').count(), lab.scenes.length)
  await looksGood('the list')
  await person.leave()
})

describe('on a desk, in the light, without motion', () => {
  visit({ viewport: DESKTOP, reducedMotion: 'reduce' })
  for (const scene of Object.keys(ENDINGS)) {
    test(scene, async () => {
      await play(person, lab, scene)
      await ended(scene)
      await looksGood(scene)
      // The address names both runs, so the finished page can be loaded again.
      await person.page.reload()
      await ended(scene)
    })
  }
})

describe('on a phone, in the dark', () => {
  visit({ viewport: PHONE, colorScheme: 'dark', reducedMotion: 'reduce' })
  for (const scene of Object.keys(ENDINGS)) {
    test(scene, async () => {
      await play(person, lab, scene)
      await ended(scene)
      // A closed arrow opens and shows what was sent.
      await person.page.locator('#run-off details summary').first().click()
      await person.page.locator('#run-off details[open] dl').first().waitFor()
      await looksGood(scene)
    })
  }
})

describe('without script', () => {
  visit({ javaScriptEnabled: false, viewport: PHONE })
  for (const scene of ['mix-up', 'code-injection']) {
    test(scene, async () => {
      await play(person, lab, scene)
      await ended(scene)
      await person.page.locator('#play-off').click()
      await person.page.locator('#run-off .ending').waitFor()
      await ended(scene)
    })
  }
})

describe('with time to watch', () => {
  visit()
  test('a scene fills in as the requests happen', async () => {
    const { page } = person
    await page.goto(`${lab.url}/scenes/redirect-hijack`)
    await page.locator('#play-off').click()
    await page.locator('#run-off .mark').first().waitFor()
    const early = await page.locator('#run-off .mark').count()
    assert.equal(await page.locator('#run-off .ending').count(), 0, 'the end came before the requests')
    await page.locator('#run-off .ending').waitFor({ timeout: 60_000 })
    assert.ok(await page.locator('#run-off .mark').count() > early)
  })
})
