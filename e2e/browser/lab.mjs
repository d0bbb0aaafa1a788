// The lab in a real browser: `safeconduct lab` on free ports, and a person who looks at it.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

import { chromium } from 'playwright-core'

import { binary } from '../support/server.mjs'
import { DESKTOP, Person, executable, watched } from './stage.mjs'

export class Lab {
  static async open() {
    const lab = new Lab()
    lab.process = spawn(binary(), ['lab', '--json', '--listen', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'inherit'] })
    lab.ended = new Promise((resolve) => lab.process.once('exit', resolve))
    const lines = createInterface({ input: lab.process.stdout })
    const line = await Promise.race([
      new Promise((resolve) => lines.once('line', resolve)),
      lab.ended.then(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 60_000).unref()),
    ])
    if (!line) {
      lab.process.kill('SIGKILL')
      throw new Error('the lab did not start: run `cargo build -p lab --bin safeconduct-lab`')
    }
    Object.assign(lab, JSON.parse(line))
    lab.chromium = await chromium.launch({
      executablePath: executable(),
      headless: true,
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--force-color-profile=srgb', '--hide-scrollbars'],
    })
    return lab
  }

  async person(options = {}) {
    const { context, watch } = await watched(this.chromium, { viewport: DESKTOP, ...options })
    return new Person(this, context, await context.newPage(), watch)
  }

  async close() {
    await this.chromium.close()
    this.process.kill('SIGINT')
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 10_000)
    await this.ended
    clearTimeout(timer)
  }
}

/** Plays both runs of a scene and waits for their ends. */
export async function play(person, lab, scene) {
  await person.page.goto(`${lab.url}/scenes/${scene}`)
  await person.page.locator('#play-both').click()
  await person.page.locator('#run-on .ending').waitFor({ timeout: 60_000 })
}
