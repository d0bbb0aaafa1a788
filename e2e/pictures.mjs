// Pictures of the pages for the documents: phone and desktop, light and dark, written to docs/pictures/.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { Lab, play } from './browser/lab.mjs'
import { DESKTOP, PHONE, Stage } from './browser/stage.mjs'
import { ROOT } from './support/server.mjs'

const folder = join(ROOT, 'docs', 'pictures')
mkdirSync(folder, { recursive: true })
// `node pictures.mjs lab` makes those of the lab alone.
const only = process.argv[2]

for (const [size, viewport] of Object.entries(only === 'lab' ? {} : { phone: PHONE, desktop: DESKTOP })) {
  for (const colorScheme of ['light', 'dark']) {
    // A server of its own each time: the robot proves itself, so the same person would not be asked twice.
    const stage = await Stage.open({ port: 8080 })
    try {
      await shoot(stage, { viewport, colorScheme, reducedMotion: 'reduce' }, `${size}-${colorScheme}`)
    } finally {
      await stage.close()
    }
  }
}
if (!only || only === 'lab') await shootLab()
console.log(`pictures are in ${folder}`)

async function shoot(stage, options, suffix) {
  const person = await stage.person(options)
  const { page } = person
  const picture = async (name, fullPage = false) => {
    await page.evaluate(() => document.activeElement?.blur())
    await page.waitForTimeout(750)
    await page.screenshot({ path: join(folder, `${name}-${suffix}.png`), fullPage })
  }
  await page.goto(stage.robot)
  await picture('robot-before')
  await page.locator('#connect').click()
  await picture('sign-in')
  await person.signIn()
  await page.locator('#allow').waitFor()
  await picture('consent', true)
  await page.locator('#allow').click()
  await page.locator('#messages').waitFor()
  await picture('robot-after', options.viewport === DESKTOP)
  await page.locator('#disconnect').click()
  await page.goto(`${stage.issuer}/authorize?client_id=mail-robot&redirect_uri=https://elsewhere.example/callback`)
  await picture('error')
  await person.leave()
}

/** The list, every scene on a desk in the light, and one on a phone in the dark. */
async function shootLab() {
  const lab = await Lab.open()
  try {
    const desk = await lab.person({ viewport: { ...DESKTOP, width: 1120 }, deviceScaleFactor: 0.75, reducedMotion: 'reduce' })
    await desk.page.goto(lab.url)
    await desk.page.screenshot({ path: join(folder, 'lab.png'), fullPage: true })
    for (const scene of lab.scenes) {
      await play(desk, lab, scene)
      await desk.page.evaluate(() => document.activeElement?.blur())
      await desk.page.screenshot({ path: join(folder, `lab-${scene}.png`), fullPage: true })
    }
    await desk.leave()
    const phone = await lab.person({ viewport: PHONE, colorScheme: 'dark', reducedMotion: 'reduce' })
    await play(phone, lab, 'redirect-hijack')
    await phone.page.evaluate(() => document.activeElement?.blur())
    await phone.page.screenshot({ path: join(folder, 'lab-phone-dark.png'), fullPage: true })
    await phone.leave()
  } finally {
    await lab.close()
  }
}
