// Starts the server under test and talks to its command line.

import { spawn, spawnSync } from 'node:child_process'
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** The server: $SERVER_UNDER_TEST, or what cargo built last. */
export function binary() {
  if (process.env.SERVER_UNDER_TEST) return process.env.SERVER_UNDER_TEST
  const target = process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target')
  const built = ['release', 'debug'].map((kind) => join(target, kind, 'safeconduct')).filter(existsSync)
  if (built.length === 0) {
    throw new Error('no server to test: run `cargo build --release` first, or set SERVER_UNDER_TEST')
  }
  return built.sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)[0]
}

function isFree(port) {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}

/** The first of four ports in a row that nobody listens on; `wanted` if it is one. */
export async function freePorts(wanted) {
  for (let tries = 0; tries < 500; tries += 1) {
    const first = tries === 0 && wanted ? wanted : 18000 + Math.floor(Math.random() * 13000)
    const free = []
    for (let port = first; port < first + 4; port += 1) free.push(await isFree(port))
    if (free.every(Boolean)) return first
  }
  throw new Error('no free ports on 127.0.0.1')
}

/** `safeconduct quickstart --json` on a fresh directory and free ports. */
export class Quickstart {
  static async start({ port, env = {} } = {}) {
    const server = new Quickstart()
    server.home = mkdtempSync(join(tmpdir(), 'safeconduct-test-'))
    server.logFile = join(server.home, 'server.log')
    const first = await freePorts(port)
    const listen = `127.0.0.1:${first}`
    const options = ['quickstart', '--json', '--no-browser', '--dir', join(server.home, 'data'), '--listen', listen]
    server.process = spawn(binary(), options, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
    server.ended = new Promise((resolve) => server.process.once('exit', resolve))
    server.process.stderr.pipe(createWriteStream(server.logFile))
    const lines = createInterface({ input: server.process.stdout })
    const line = await Promise.race([
      new Promise((resolve) => lines.once('line', resolve)),
      server.ended.then(() => undefined),
      new Promise((resolve) => setTimeout(resolve, 60_000).unref()),
    ])
    if (!line) {
      server.process.kill('SIGKILL')
      throw new Error(`the server did not start; its log ends:\n${server.tail()}`)
    }
    server.info = JSON.parse(line)
    server.issuer = server.info.issuer
    server.user = server.info.user
    server.clients = Object.fromEntries(server.info.clients.map((client) => [client.client_id, client]))
    return server
  }

  tail(lines = 20) {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n') : ''
  }

  /** A command on this server's config. */
  cli(command, input = '') {
    const [program, options] = [binary(), [...command, '--config', this.info.config]]
    const done = spawnSync(program, options, { input, encoding: 'utf8', timeout: 60_000 })
    if (done.status !== 0) throw new Error(`${command.join(' ')}: ${done.stderr.trim() || done.stdout.trim()}`)
    return done.stdout
  }

  /** Registers a client by the command line and gives back the client information response. */
  addClient(metadata) {
    const client = JSON.parse(this.cli(['client', 'add', '-'], JSON.stringify(metadata)))
    this.clients[client.client_id] = client
    return client
  }

  events() {
    return this.cli(['events', 'tail', '--json', '--since', '1h']).split('\n').filter(Boolean).map((line) => JSON.parse(line))
  }

  async stop() {
    this.process.kill('SIGTERM')
    const timer = setTimeout(() => this.process.kill('SIGKILL'), 20_000)
    await this.ended
    clearTimeout(timer)
    rmSync(this.home, { recursive: true, force: true })
  }
}
