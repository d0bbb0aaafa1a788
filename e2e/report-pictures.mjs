// Pictures of a probe's report for the documents: phone and desktop, light and dark, written to docs/pictures/.
//
//     node e2e/report-pictures.mjs REPORT.html

import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

import { chromium } from 'playwright-core'

import { DESKTOP, PHONE, executable } from './browser/stage.mjs'
import { ROOT } from './support/server.mjs'

const [file] = process.argv.slice(2)
if (!file) throw new Error('which report? node e2e/report-pictures.mjs REPORT.html')
const folder = join(ROOT, 'docs', 'pictures')
mkdirSync(folder, { recursive: true })

const browser = await chromium.launch({ executablePath: executable(), args: ['--no-sandbox'] })
for (const [size, viewport] of Object.entries({ phone: PHONE, desktop: DESKTOP })) {
  for (const colorScheme of ['light', 'dark']) {
    const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' })
    await page.goto(pathToFileURL(resolve(file)).href)
    const picture = (name) => page.screenshot({ path: join(folder, `report-${name}-${size}-${colorScheme}.png`) })
    await picture('summary')
    await page.locator('#matrix').evaluate((heading) => heading.scrollIntoView())
    await picture('matrix')
    await page.locator('article.threat').first().evaluate((threat) => threat.scrollIntoView())
    await picture('threat')
    await page.close()
  }
}
await browser.close()
console.log(`pictures are in ${folder}`)
