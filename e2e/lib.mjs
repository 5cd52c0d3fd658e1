// What every journey needs: the demo city in a process of its own, a browser that fails on any console error or CSP report, and axe.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { chromium } from 'playwright-core'

const require = createRequire(import.meta.url)
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const binary = new URL('.tongban', import.meta.url).pathname

const freePort = () => new Promise((ok, no) => {
  const s = createServer()
  s.once('error', no).listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => ok(port)) })
})

// startCity starts the demo city in an empty folder; db may name a PostgreSQL database.
export async function startCity({ db, data } = {}) {
  const dir = data ?? mkdtempSync(join(tmpdir(), 'tongban-e2e-'))
  const addr = `127.0.0.1:${await freePort()}`
  const args = ['demo', '--addr', addr, '--data', dir, ...(db ? ['--db', db] : [])]
  const p = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  p.stdout.on('data', b => { said += b })
  p.stderr.on('data', b => { said += b })
  const base = `http://${addr}`
  for (let i = 0; ; i++) {
    if (p.exitCode !== null) throw new Error(`the city ended: ${said}`)
    try { if ((await fetch(base + '/readyz')).status === 200) break } catch { /* not yet */ }
    if (i > 300) throw new Error(`the city is not ready after 60 s: ${said}`)
    await new Promise(r => setTimeout(r, 200))
  }
  const stop = async () => {
    if (p.exitCode === null) { const gone = new Promise(r => p.once('exit', r)); p.kill('SIGTERM'); await gone }
    if (!data) rmSync(dir, { recursive: true, force: true })
  }
  return { base, dir, stop, log: () => said, pid: p.pid }
}

export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
export const desktop = { viewport: { width: 1280, height: 900 } }

export const startBrowser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  env: { ...process.env, LANGUAGE: 'zh_CN' },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})

// visitor is a person at a device. Its page fails the journey on any console error, CSP report or script error; expected statuses may be named.
export async function visitor(browser, city, device = phone, options = {}) {
  const context = await browser.newContext({ ...device, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', baseURL: city.base, ...options })
  context.setDefaultTimeout(15000)
  const page = await context.newPage()
  const trouble = []
  page.on('pageerror', e => trouble.push(`script: ${e.message}`))
  page.on('console', m => {
    if (m.type() === 'error' && !/the server responded with a status of (4\d\d|503)/.test(m.text())) trouble.push(`console: ${m.text()}`)
  })
  page.calm = () => assert.deepEqual(trouble, [], `trouble on ${page.url()}`)
  return page
}

// signIn uses the demo page's one-click sign-in.
export async function signIn(page, account, next) {
  await page.goto('/demo')
  await page.locator(`form:has(input[value="${account}"]) button`).click()
  await page.waitForLoadState()
  if (next) await page.goto(next)
}

// noBarriers runs axe on the page as it is: no violation is known and none is let through.
export async function noBarriers(page, where = page.url()) {
  await page.evaluate(axeSource)
  const found = await page.evaluate(async () => (await globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
    .map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`))
  assert.deepEqual(found, [], `axe on ${where}`)
}

// fitsTheScreen: nothing to scroll sideways to.
export async function fitsTheScreen(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  assert.ok(over <= 0, `${page.url()} is ${over}px too wide`)
}
