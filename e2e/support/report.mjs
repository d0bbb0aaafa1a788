// One line per check, a sum at the end, and an exit status that tells.

export class Report {
  passed = 0
  failed = 0
  skipped = 0

  constructor(title) {
    console.log(`# ${title}`)
  }

  /** Runs `test`; whatever it throws is a failure of this check alone. Gives back what it gives back. */
  async check(name, test) {
    try {
      const result = await test()
      this.passed += 1
      console.log(`ok   ${name}`)
      return result
    } catch (error) {
      this.failed += 1
      const cause = error.cause ? ` (${describe(error.cause)})` : ''
      const at = (error.stack ?? '').split('\n').find((line) => line.includes('.mjs:') && !line.includes('node_modules'))
      console.log(`FAIL ${name}: ${error.name}: ${error.message}${cause} ${at ? at.trim().replace(/.*\//, '(') : ''}`)
      return undefined
    }
  }

  finish() {
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : ''
    console.log(`${this.passed} passed, ${this.failed} failed${skipped}`)
    process.exitCode = this.failed > 0 ? 1 : 0
  }
}

function describe(cause) {
  if (cause instanceof Error) return cause.message
  try {
    return JSON.stringify(cause)
  } catch {
    return String(cause)
  }
}
