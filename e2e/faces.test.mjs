// Every page of every role, on every screen: no barriers, nothing too wide, no raw text, no console error. Print, forced colours, reduced motion.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import * as e from './lib.mjs'
import { foodCase } from './food.mjs'

let city, browser, made
before(async () => { city = await e.startCity(); browser = await e.startBrowser(); made = await foodCase(browser, city) })
after(async () => { await browser?.close(); await city?.stop() })

const roles = {
  owner: { account: 'person:19900000101', firm: true, start: m => ['/my', '/my/cases', '/my/licences', '/my/messages', '/my/identity', '/my/access', '/my/access?of=firm', '/my/tokens', '/apply/food-licence-new', m.url, `${m.url}/receipt`, `${m.url}/rate`, `${m.url}/withdraw`, ...m.pages] },
  clerk: { account: 'staff:he-jing', start: () => ['/desk', '/desk/cases', '/window', '/window/new/elder-card', '/window/new/food-licence-new', '/window/hand-out', '/desk/ratings', '/desk/alarms'] },
  officer: { account: 'staff:su-qing', start: m => ['/desk', '/desk/cases', '/desk/cases?tab=all', m.desk, ...['accept', 'correct', 'refuse', 'opinion', 'inspect', 'decide', 'deliver'].map(a => `${m.desk}/${a}`), '/desk/ratings', '/desk/alarms', '/my/tokens', '/my/password'] },
  supervisor: { account: 'staff:gu-wei', start: m => ['/desk', '/supervision', '/supervision/alarms', `/supervision/cases/${m.id}`] },
  items: { account: 'staff:ning-ke', start: () => ['/desk', '/office/items', '/office/items/food-licence-new', '/office/items/import'] },
  admin: { account: 'staff:fang-yuan', start: () => ['/desk', '/admin/agencies', '/admin/agencies/new', '/admin/agencies/market', '/admin/windows/hall-food', '/admin/posts/market-review', '/admin/agencies/market/windows/new', '/admin/agencies/market/posts/new', '/admin/regions', '/admin/regions/new', '/admin/regions/580102', '/admin/calendar', '/admin/calendar/load'] },
  security: { account: 'staff:qin-zhuo', start: () => ['/desk', '/admin/staff', '/admin/staff/new'] },
  auditor: { account: 'staff:bai-lu', start: () => ['/desk', '/audit'] },
}

async function signedIn(role, device, options) {
  const page = await e.visitor(browser, city, device, options)
  await e.signIn(page, role.account)
  if (role.firm) await e.actFor(page, '清澜小满餐饮有限公司')
  return page
}

for (const [name, role] of Object.entries(roles)) {
  test(`every page of: ${name}`, async () => {
    const found = new Set()
    await Promise.all(Object.entries({ phone: e.phone, desktop: e.desktop, elder: e.phone }).map(async ([face, device]) => {
      const page = await signedIn(role, device)
      if (face === 'elder') await e.elder(page)
      for (const at of role.start(made)) {
        const answer = await page.goto(at)
        if (answer.status() !== 200 && !(answer.status() === 409 && /\/(opinion|inspect|decide|deliver)$/.test(at))) // an act whose time has not come says so found.add(`${at} ${answer.status()}`)
        for (const x of await e.faults(page)) found.add(`${face} ${at}: ${x}`)
        try { page.calm() } catch (err) { found.add(`${face} ${at}: ${err.message}`) }
      }
      await page.context().close()
    }))
    assert.deepEqual([...found], [])
  })
}

test('pages that say no', async () => {
  const found = []
  for (const [face, device] of Object.entries({ phone: e.phone, desktop: e.desktop })) {
    const page = await signedIn(roles.owner, device)
    for (const [at, status] of [['/no/such', 404], ['/items/none', 404], [`/my/cases/${crypto.randomUUID()}`, 404], ['/desk/cases', 403], ['/supervision', 403], ['/admin/agencies', 403]]) {
      const answer = await page.goto(at)
      if (answer.status() !== status) found.push(`${at}: ${answer.status()}`)
      found.push(...(await e.faults(page)).map(x => `${face} ${at}: ${x}`))
    }
    page.calm()
    await page.context().close()
    const anyone = await e.visitor(browser, city, device)
    for (const [at, button] of [['/sign-in', '获取验证码'], ['/lookup', '查询进度']]) {
      await anyone.goto(at)
      await anyone.locator('main form').first().evaluate(f => { f.noValidate = true })
      await e.press(anyone, button, 422)
      assert.match(await anyone.title(), /^错误：/, at)
      found.push(...(await e.faults(anyone)).map(x => `${face} ${at} 422: ${x}`))
    }
    await anyone.context().close()
  }
  assert.deepEqual(found, [])
})

test('on paper there is no frame, only what matters', async () => {
  const page = await signedIn(roles.owner, e.desktop)
  await page.emulateMedia({ media: 'print' })
  for (const at of [made.url, `${made.url}/receipt`, '/items/food-licence-new']) {
    await page.goto(at)
    const seen = await page.evaluate(() => [...document.querySelectorAll('header, nav, footer a, button, .btn, .site-head, .demo-banner, .skip')].filter(x => x.checkVisibility() && x.getBoundingClientRect().height > 1).map(x => x.tagName + '.' + x.className))
    assert.deepEqual(seen, [], at)
  }
  await page.goto(made.url)
  await e.says(page, made.number, /打印时间/)
  assert.ok(await page.locator('.print-only svg').first().isVisible(), 'a QR code on paper')
  await page.context().close()
})

test('forced colours and reduced motion', async () => {
  const page = await signedIn(roles.owner, e.phone, { forcedColors: 'active', reducedMotion: 'reduce' })
  for (const at of ['/', '/items/food-licence-new', made.url]) {
    await page.goto(at)
    await e.noBarriers(page); await e.fitsTheScreen(page)
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].filter(x => { const s = getComputedStyle(x); return parseFloat(s.animationDuration) > 0.01 || parseFloat(s.transitionDuration) > 0.01 }).map(x => x.tagName + '.' + x.className).slice(0, 5))
    assert.deepEqual(moving, [], at)
    const flat = await page.evaluate(() => [...document.querySelectorAll('.btn')].filter(x => x.checkVisibility() && getComputedStyle(x).borderStyle === 'none').length)
    assert.equal(flat, 0, 'buttons keep an edge in forced colours')
  }
  page.calm()
  await page.context().close()
})
