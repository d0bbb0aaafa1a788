// A person without a browser: fills in the forms over plain HTTP, with a cookie jar of its own, because HTTP libraries
// keep `Secure` cookies away from plain-http loopback addresses and browsers do not.

import { request } from 'node:http'

export class FormDriver {
  jar = new Map()

  /** One request, no redirect followed. */
  send(method, url, fields) {
    const headers = { accept: 'text/html', 'accept-language': 'en' }
    if (this.jar.size > 0) headers.cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const body = fields && new URLSearchParams(fields).toString()
    if (body !== undefined) {
      headers['content-type'] = 'application/x-www-form-urlencoded'
      headers['content-length'] = Buffer.byteLength(body)
      headers.origin = 'null'
      headers['sec-fetch-site'] = 'same-origin'
    }
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, headers }, (response) => {
        for (const line of response.headers['set-cookie'] ?? []) this.keep(line)
        const chunks = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => {
          const location = response.headers.location && new URL(response.headers.location, url)
          resolve({ url: new URL(url), status: response.statusCode, location, text: Buffer.concat(chunks).toString() })
        })
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }

  keep(line) {
    const [pair, ...attributes] = line.split(';')
    const at = pair.indexOf('=')
    const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1).trim()]
    if (attributes.some((attribute) => /^\s*max-age=0\s*$/i.test(attribute))) this.jar.delete(name)
    else this.jar.set(name, value)
  }

  /** From an authorization URL to what answers it: signs in and presses Allow where asked to. */
  async allow(url, user, redirectUri) {
    let answer = await this.send('GET', url)
    for (let steps = 0; steps < 12; steps += 1) {
      if (answer.location) {
        if (answer.location.href.startsWith(redirectUri)) return { redirect: answer.location }
        answer = await this.send('GET', answer.location)
      } else if (answer.text.includes('id="form-post"')) {
        return { action: attribute(tag(answer.text, 'form'), 'action'), fields: hidden(answer.text) }
      } else if (answer.text.includes('id="sign-in"')) {
        const fields = [...hidden(answer.text), ['username', user.username], ['password', user.password]]
        answer = await this.send('POST', new URL('/sign-in', answer.url), fields)
      } else if (answer.text.includes('id="allow"')) {
        // Faster than any person reads would be noted.
        await new Promise((resolve) => setTimeout(resolve, 450))
        const fields = [...hidden(formOf(answer.text, 'consent')), ...ticked(answer.text), ['decision', 'allow']]
        answer = await this.send('POST', new URL('/consent', answer.url), fields)
      } else {
        throw new Error(`stuck at ${answer.url.pathname} with ${answer.status}: ${title(answer.text)}`)
      }
    }
    throw new Error('too many steps')
  }
}

// Our own pages quote every attribute; this is no parser for others.
const tags = (html, name) => html.match(new RegExp(`<${name}\\b[^>]*>`, 'g')) ?? []
const tag = (html, name) => tags(html, name)[0] ?? ''
const formOf = (html, id) => html.match(new RegExp(`<form[^>]*id="${id}"[^>]*>[^]*?</form>`))?.[0] ?? html
const title = (html) => html.match(/<h1[^>]*>([^]*?)<\/h1>/)?.[1].trim()
const entities = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'", '#x27': "'", '#34': '"', '#38': '&', '#60': '<', '#62': '>' }
const unescape = (text) => text.replace(/&([#a-z0-9]+);/gi, (whole, name) => entities[name] ?? whole)
const attribute = (text, name) => unescape(text.match(new RegExp(`\\b${name}="([^"]*)"`))?.[1] ?? '')
const pair = (text) => [attribute(text, 'name'), attribute(text, 'value')]
const hidden = (html) => tags(html, 'input').filter((text) => text.includes('type="hidden"')).map(pair)
const ticked = (html) => tags(html, 'input')
  .filter((text) => /type="checkbox"/.test(text) && /\bchecked\b/.test(text) && /\bname="/.test(text))
  .map(pair)
