// Pictures of the pages for the documents: phone and desktop, light and dark, written to docs/pictures/.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { DESKTOP, PHONE, Stage } from './browser/stage.mjs'
import { ROOT } from './support/server.mjs'

const folder = join(ROOT, 'docs', 'pictures')
mkdirSync(folder, { recursive: true })
const stage = await Stage.open({ port: 8080 })

try {
  for (const [size, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
    for (const colorScheme of ['light', 'dark']) {
      const person = await stage.person({ viewport, colorScheme, deviceScaleFactor: 1, reducedMotion: 'reduce' })
      const { page } = person
      const shoot = async (name, fullPage = false) => {
        await page.evaluate(() => document.activeElement?.blur())
        await page.waitForTimeout(750)
        await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`), fullPage })
      }
      await page.goto(stage.robot)
      await shoot('robot-before', size === 'phone')
      await page.locator('#connect').click()
      await shoot('sign-in')
      await person.signIn()
      await page.locator('#allow').waitFor()
      await shoot('consent', true)
      await page.locator('#allow').click()
      await page.locator('#messages').waitFor()
      await shoot('robot-after', size === 'desktop')
      await page.locator('#disconnect').click()
      await page.goto(`${stage.issuer}/authorize?client_id=mail-robot&redirect_uri=https://elsewhere.example/callback`)
      await shoot('error')
      await person.leave()
    }
  }
} finally {
  await stage.close()
}
console.log(`pictures are in ${folder}`)
