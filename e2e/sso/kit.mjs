// Department systems for the journeys of single sign-on: registered by two security officers, and reached on hosts of their own, because cookies
// do not tell ports apart.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { generateKeyPairSync, randomBytes } from 'node:crypto'

// keys makes a signing key for a client: the private part as PEM, the public part as a JWK with a key id.
export function keys(alg = 'ES256', kid = randomBytes(6).toString('hex')) {
  const pair = alg === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('rsa', { modulusLength: 2048 })
  const jwk = { ...pair.publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg }
  const pem = key => key.export({ type: key.type === 'private' ? 'pkcs8' : 'spki', format: 'pem' })
  return { kid, alg, jwks: JSON.stringify({ keys: [jwk] }), privateKey: pair.privateKey, pem: pem(pair.privateKey), publicPem: pem(pair.publicKey) }
}

// webKey is a key as openid-client takes it.
export async function webKey(k) {
  const how = k.alg === 'ES256' ? { name: 'ECDSA', namedCurve: 'P-256' } : { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  return { key: await crypto.subtle.importKey('pkcs8', k.privateKey.export({ type: 'pkcs8', format: 'der' }), how, false, ['sign']), kid: k.kid }
}

// desk is somebody signed in by the demo's one click, without a browser: get and post plain forms.
export async function desk(city, account) {
  let cookie = ''
  const ask = async (path, init = {}) => {
    const r = await fetch(city.base + path, { redirect: 'manual', ...init, headers: { 'Accept-Language': 'zh-CN', ...(cookie && { Cookie: cookie }), ...init.headers } })
    for (const c of r.headers.getSetCookie()) {
      const [pair] = c.split(';'), name = pair.split('=')[0]
      cookie = [...cookie.split('; ').filter(x => x && !x.startsWith(name + '=')), pair].join('; ')
    }
    return { status: r.status, to: r.headers.get('location'), text: await r.text() }
  }
  const me = {
    get: path => ask(path),
    // post sends a form, arrays as repeated fields, and wants to be led on; an answer with findings fails with them.
    post: async (path, fields) => {
      const body = new URLSearchParams(Object.entries(fields).flatMap(([k, v]) => [v].flat().map(x => [k, String(x)])))
      const r = await ask(path, { method: 'POST', body })
      assert.ok(r.status === 303, `${path}: ${r.status} ${words(r.text).slice(0, 1500)}`)
      return r
    },
  }
  const { to } = await me.post('/demo/sign-in', { account })
  assert.doesNotMatch(to, /sign-in/, `${account} is not let in at once: ${to}`)
  return me
}

const words = html => html.replace(/<(script|style)[\s\S]*?<\/\1>/g, '').replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ')

// register has a system admitted as it is done for real: one security officer asks, another approves. It gives the system's id.
export async function register(city, system) {
  const asks = await desk(city, 'staff:qin-zhuo')
  const { to } = await asks.post('/admin/clients', {
    agency: 'market', sector: '', audience: 'people', native: 'false', auth: 'private_key_jwt', alg: 'ES256', number: 'false', min_level: '1', refresh: 'true',
    scopes: ['openid', 'profile'], why_profile: '显示您的姓名', ...system,
  })
  const page = to.split('?')[0]
  const approves = await desk(city, 'staff:shen-ze')
  const form = (await approves.get(page)).text.match(/action="(\/admin\/clients\/[^"]+\/proposals\/[^"]+)"/)
  assert.ok(form, `${page} has nothing to approve`)
  await approves.post(form[1], { choice: 'approve' })
  return decodeURIComponent(page.split('/').pop())
}

// listen opens a department's web server: requests to a path are kept until somebody takes them. answer may give {type, body} for a path.
export async function listen(answer = () => undefined, host = 'localhost') {
  const kept = [], waiting = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', b => { body += b })
    request.on('end', () => {
      const url = new URL(request.url, base)
      const said = answer(url.pathname) ?? { body: '<!doctype html><html lang="en"><title>department</title><h1>department</h1>' }
      response.writeHead(said.status ?? 200, { 'Content-Type': said.type ?? 'text/html; charset=utf-8' }).end(said.body)
      kept.push({ path: url.pathname, url, method: request.method, body: new URLSearchParams(body), headers: request.headers, at: Date.now() })
      for (const w of [...waiting]) w()
    })
  })
  await new Promise((ok, no) => server.once('error', no).listen(0, '127.0.0.1', ok))
  const base = `http://${host}:${server.address().port}`
  // take waits for a request to a path that matches and gives it once.
  const take = (path, seconds = 10, fits = () => true) => new Promise((ok, no) => {
    const look = () => {
      const i = kept.findIndex(k => k.path === path && fits(k))
      if (i < 0) return
      clearTimeout(late)
      waiting.splice(waiting.indexOf(look), 1)
      ok(kept.splice(i, 1)[0])
    }
    const late = setTimeout(() => { waiting.splice(waiting.indexOf(look), 1); no(new Error(`nothing came to ${base}${path} in ${seconds} s`)) }, seconds * 1000)
    waiting.push(look)
    look()
  })
  return { base, take, kept, stop: () => { server.closeAllConnections(); return new Promise(ok => server.close(ok)) } }
}

// face goes through the demo's face check from the page that asks for a higher level, and comes back.
export async function face(page) {
  const away = page.url()
  await page.locator('form[action="/sign-in/step-up/face"] button').click()
  await page.getByRole('button', { name: '核验通过' }).click()
  await page.waitForURL(u => u.href !== away && !u.pathname.startsWith('/face/'))
}

// shot keeps a picture where TONGBAN_E2E_SHOTS says.
export const shot = (page, name) => process.env.TONGBAN_E2E_SHOTS && page.screenshot({ path: `${process.env.TONGBAN_E2E_SHOTS}/${name}.png`, fullPage: true })
