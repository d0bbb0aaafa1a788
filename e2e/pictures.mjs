// Pictures of the pages for the documents: phone and desktop, light and dark, written to docs/pictures/.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { DESKTOP, PHONE, Stage } from './browser/stage.mjs'
import { ROOT } from './support/server.mjs'

const folder = join(ROOT, 'docs', 'pictures')
mkdirSync(folder, { recursive: true })

for (const [size, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
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
