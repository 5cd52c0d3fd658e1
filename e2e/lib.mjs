// What every journey needs: the demo city in a process of its own, a browser that fails on any console error or CSP report, and axe.
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { chromium } from 'playwright-core'

const require = createRequire(import.meta.url)
const axeSource = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const binary = process.env.TONGBAN_E2E_BINARY ?? new URL('.tongban', import.meta.url).pathname

export const freePort = () => new Promise((ok, no) => {
  const s = createServer()
  s.once('error', no).listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => ok(port)) })
})

// startCity starts the demo city in an empty folder; db may name a PostgreSQL database.
export async function startCity({ db = process.env.TONGBAN_E2E_DB, data, host = '127.0.0.1', args: more = [] } = {}) {
  const dir = data ?? mkdtempSync(join(tmpdir(), 'tongban-e2e-'))
  const addr = `${host}:${await freePort()}`
  const args = ['demo', '--addr', addr, '--data', dir, ...(db ? ['--db', db] : []), ...more]
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
  const register = ['--data', dir, ...(db ? ['--db', db] : [])] // what a command needs to ask this city's register
  return { base, dir, register, stop, log: () => said, pid: p.pid }
}

// tongban runs a command of the program and gives its exit code and what it printed.
export const tongban = (...args) => new Promise(ok => execFile(binary, args, (e, stdout, stderr) => ok({ code: e ? e.code : 0, stdout, stderr })))

export const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }
export const desktop = { viewport: { width: 1280, height: 900 } }

export const startBrowser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  env: { ...process.env, LANGUAGE: 'zh_CN' },
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})

// visitor is a person at a device. Its page.calm() fails the journey on any console error, CSP report or script error so far.
export async function visitor(browser, city, device = phone, options = {}) {
  const context = await browser.newContext({ ...device, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', baseURL: city.base, ...options })
  context.setDefaultTimeout(6000)
  return watched(await context.newPage())
}

// tab opens a second page of the same person.
export const tab = async page => watched(await page.context().newPage())

const open = new Set()

// photographAll leaves a picture and the words of every open page where TONGBAN_E2E_SHOTS says, for whoever looks into a failure.
async function photographAll(name) {
  const dir = process.env.TONGBAN_E2E_SHOTS
  let n = 0
  for (const page of dir ? open : []) {
    const file = join(dir, `${name.replace(/[^\p{L}\d]+/gu, '-').slice(0, 30)}-${++n}`)
    await page.screenshot({ path: file + '.png', fullPage: true }).catch(() => {})
    await main(page).then(t => writeFileSync(file + '.txt', page.url() + '\n' + t)).catch(() => {})
  }
}

function watched(page) {
  open.add(page)
  page.on('close', () => open.delete(page))
  const trouble = []
  page.on('pageerror', e => trouble.push(`script: ${e.message}`))
  page.on('console', m => {
    if (m.type() === 'error' && !/the server responded with a status of (4\d\d|503)/.test(m.text())) trouble.push(`console: ${m.text()}`)
  })
  page.calm = () => assert.deepEqual(trouble, [], `trouble on ${page.url()}`)
  return page
}

// signIn uses the demo page's one-click sign-in; account is "person:<phone>" or "staff:<key>".
export async function signIn(page, account, next) {
  await page.goto('/demo')
  await Promise.all([page.waitForURL(u => u.pathname !== '/demo'), page.locator(`form:has(input[value="${account}"]) button`).click()])
  if (next) await page.goto(next)
}

// go clicks something that leads to another page and waits until that page is there.
export async function go(page, what) {
  const from = page.url()
  await Promise.all([page.waitForEvent('framenavigated'), (typeof what === 'string' ? page.getByRole('button', { name: what, exact: true }) : what).click()])
  await page.waitForLoadState('domcontentloaded')
  return from
}

// press is go for a button of a form whose answer must be the named status or any good one.
export async function press(page, what, status) {
  const [answer] = await Promise.all([
    page.waitForResponse(r => r.request().isNavigationRequest() && !(r.status() >= 300 && r.status() < 400)),
    (typeof what === 'string' ? page.getByRole('button', { name: what, exact: true }) : what).click(),
  ])
  await page.waitForLoadState('domcontentloaded')
  if (status) assert.equal(answer.status(), status, `${answer.url()}: ${await main(page)}`)
  else assert.ok(answer.status() < 400, `${answer.status()} ${answer.url()}: ${await main(page)}`)
  return answer
}

// main is what the page says, without frame.
export const main = page => page.locator('main').innerText()

// says asserts that the page says each of the words; silent, that it says none.
export async function says(page, ...words) {
  const text = await main(page)
  for (const w of words) assert.ok(w instanceof RegExp ? w.test(text) : text.includes(w), `${page.url()} does not say ${w}:\n${text.slice(0, 3000)}`)
}
export async function silent(page, ...words) {
  const text = await main(page)
  for (const w of words) assert.ok(!(w instanceof RegExp ? w.test(text) : text.includes(w)), `${page.url()} says ${w}:\n${text.slice(0, 3000)}`)
}

// until loads a page again until it says something: for what a job of the server makes.
export async function until(page, url, words, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; ;) {
    await page.goto(url)
    if (words instanceof RegExp ? words.test(await main(page)) : await words(page)) return
    if (Date.now() > end) assert.fail(`${url} does not come to ${words} in ${seconds} s:\n${await main(page)}`)
    await page.waitForTimeout(300)
  }
}

// lastSMS reads the newest text message to a number from the demo page, in a page of its own.
export async function lastSMS(page, number) {
  const other = await page.context().newPage()
  try {
    for (let i = 0; i < 50; i++) {
      await other.goto('/demo')
      const mine = other.locator('#sms li', { hasText: `→ ${number}` })
      if (await mine.count()) return await mine.first().locator('p').first().innerText()
      await other.waitForTimeout(200)
    }
    assert.fail(`no message to ${number}`)
  } finally { await other.close() }
}

// noBarriers runs axe on the page as it is: no violation is known and none is let through.
export async function noBarriers(page, where = page.url()) {
  assert.deepEqual(await barriers(page), [], `axe on ${where}`)
}

export async function barriers(page) {
  await page.evaluate(axeSource)
  return page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })).violations
    .map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.target.join(' ')).join(' | ')}`))
}

// fitsTheScreen: nothing to scroll sideways to.
export async function fitsTheScreen(page) {
  const over = await sideways(page)
  assert.ok(over <= 0, `${page.url()} is ${over}px too wide`)
}

export const sideways = page => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

// rawText finds what no reader should ever see: text keys, parameters left open, values of the machine.
export async function rawText(page) {
  const text = await page.evaluate(() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, n => n.parentElement.closest('code, pre, kbd, script, style') ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT)
    let words = document.title
    while (walk.nextNode()) words += '\n' + walk.currentNode.data
    return words
  })
  const bad = /\b(ui|base|cases|casesweb|catalog|clock|cnid|cond|counter|deskweb|flow|form|identity|licence|notify|org|pack|packfile|paper|pdf|portal|rating|ratingweb|seal|supervision|supervisionweb)\.[a-z][a-z_]+\b|\{[a-z_]+\}|\{\{|%!|<nil>|\bundefined\b|\bNaN\b|\[object |0001-01-01|\bnull\b/g
  return [...new Set(text.match(bad) ?? [])]
}

// onePixelPNG and smallPDF are real files, as small as they can be, made here.
const crcTable = Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1; return n >>> 0 })
export const crc = b => { let c = 0xffffffff; for (const x of b) c = crcTable[(c ^ x) & 255] ^ (c >>> 8); return (c ^ 0xffffffff) >>> 0 }
const chunk = (type, data) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]), out = Buffer.alloc(body.length + 8)
  out.writeUInt32BE(data.length, 0); body.copy(out, 4); out.writeUInt32BE(crc(body), body.length + 4)
  return out
}
export function png(side = 64, shade = 200) {
  const head = Buffer.alloc(13); head.writeUInt32BE(side, 0); head.writeUInt32BE(side, 4); head.set([8, 0, 0, 0, 0], 8)
  const rows = Buffer.alloc((side + 1) * side, shade)
  for (let y = 0; y < side; y++) rows[y * (side + 1)] = 0
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}
export function pdf(words = 'layout plan') {
  const text = `BT /F1 24 Tf 60 700 Td (${words}) Tj ET`
  const parts = ['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`, '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>']
  let out = '%PDF-1.4\n'
  const at = parts.map((p, i) => { const o = out.length; out += `${i + 1} 0 obj\n${p}\nendobj\n`; return o })
  const table = out.length
  out += `xref\n0 6\n0000000000 65535 f \n${at.map(o => `${String(o).padStart(10, '0')} 00000 n \n`).join('')}trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`
  return Buffer.from(out, 'latin1')
}

// settled waits until htmx has done what it began; autosaved, until the form on the page is stored.
export const settled = page => page.waitForFunction(() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling'))
export const autosaved = page => page.locator('form[data-state="saved"]').waitFor()

// stages gives a test function for the steps of one journey: what comes after a broken step is skipped, not reported as broken too.
export function stages() {
  let broken
  return (name, step) => test(name, async t => {
    if (broken) return t.skip(`needs: ${broken}`)
    try { await step(t) } catch (err) { broken = name; await photographAll(name); throw err }
  })
}

// elder turns on elder mode on the home page.
export async function elder(page) {
  await page.goto('/')
  await press(page, page.locator('button[name=mode][value=elder]'))
  await page.locator('html[data-mode=elder]').waitFor()
}

// faults gathers what no page may have: barriers, sideways scrolling, raw text.
export async function faults(page) {
  const out = [...await barriers(page), ...(await rawText(page)).map(x => `raw text ${x}`)]
  const over = await sideways(page)
  if (over > 0) out.push(`${over}px too wide`)
  return out
}

// smallTargets lists buttons and fields smaller than the mode promises; links inside text are no targets.
export const smallTargets = (page, least) => page.evaluate(min => [...document.querySelectorAll('button, .btn, select, input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=file])')]
  .filter(x => x.checkVisibility() && !x.classList.contains('vh')).map(x => [x, x.getBoundingClientRect()]).filter(([, r]) => r.width && Math.round(r.height) < min)
  .map(([x, r]) => `${x.tagName} ${(x.textContent || x.name).trim().slice(0, 20)} ${Math.round(r.height)}px`).slice(0, 5), least)

// noBarriersPlain judges a page that runs no scripts: its HTML is shown again where axe may run, with its styles, signed in as it was.
export async function noBarriersPlain(page) {
  const again = await page.context().browser().newContext({ ...phone, locale: 'zh-CN', baseURL: new URL(page.url()).origin, storageState: await page.context().storageState() })
  try {
    const copy = await again.newPage()
    await copy.goto(page.url())
    await noBarriers(copy)
  } finally { await again.close() }
}

// actFor makes a signed-in person act for a firm.
export async function actFor(page, firm) {
  await page.goto('/my/identity')
  const choose = page.getByRole('row', { name: firm }).getByRole('button')
  if (await choose.count()) await press(page, choose)
}
