// What anyone finds without an account: by words, by lists, by keyboard, on any screen, in either language.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import * as e from './lib.mjs'

let city, browser
before(async () => { city = await e.startCity(); browser = await e.startBrowser() })
after(async () => { await browser?.close(); await city?.stop() })

const publicPages = ['/', '/items', '/items?q=老人证', '/items?q=没有这种事', '/items/food-licence-new', '/items/elder-card', '/themes', '/agencies', '/agencies/market', '/ratings', '/lookup', '/verify', '/sign-in', '/sign-in/staff', '/accessibility', '/api', '/demo', '/design-system']
const devices = { phone: [e.phone], desktop: [e.desktop], elder: [e.phone, 'elder'] }

// person opens a page on a device, in elder mode if asked.
async function person(device, mode) {
  const page = await e.visitor(browser, city, device)
  if (mode) await e.elder(page)
  return page
}

test('everyday words and words of two characters lead to the item', async () => {
  const page = await person(e.phone)
  for (const [words, name] of [['开饭店', '食品经营许可（新办）'], ['老人证', '老年人优待证申领'], ['奶茶', '食品经营许可（新办）'], ['食品', '食品经营许可（新办）'], ['优待', '老年人优待证申领'], ['社保', '社会保险'], ['结婚', '结婚'], ['过户', '转移登记']]) {
    await page.goto('/')
    await page.locator('.hero input[type=search]').fill(words)
    await e.press(page, page.locator('.hero button'))
    const first = await page.locator('.item h2, .item h3').first().innerText()
    assert.ok(first.includes(name), `“${words}” leads to “${first}” first`)
  }
  await page.goto('/items?q=' + encodeURIComponent('量子纠缠'))
  await e.says(page, /没有找到|没有符合/)
  page.calm()
  await page.context().close()
})

test('an item says all the law wants told', async () => {
  const page = await person(e.phone)
  await page.goto('/items/food-licence-new')
  await e.says(page, '清澜市清江区市场监督管理局', '8 个工作日', '10 个工作日', '不收费', '主要设备设施、经营布局、操作流程文件', '受理标准', '查看样表', '下载空表',
    '中华人民共和国食品安全法', '第三十五条', '自知道决定之日起六十日内', '清澜市清江区人民政府', '六个月内', '清澜市清江区人民法院', '0588-12315090', '食品经营许可窗口', '9:00–12:00', '5 年', '说明')
  for (const link of ['下载空表', '查看样表']) {
    const href = await page.getByRole('link', { name: new RegExp(link) }).first().getAttribute('href')
    const file = await page.request.get(href)
    assert.equal(file.status(), 200, href)
    assert.ok((await file.body()).length > 500, href)
  }
  await page.getByText('要先办消防手续').click()
  await e.says(page, '没有先后')
  await page.goto('/items/elder-card')
  await e.says(page, '当场', '不收费', '65')
  await page.context().close()
})

test('lists narrow by filters, page by page, and back', async () => {
  const page = await person(e.desktop)
  await page.goto('/items')
  const all = Number((await e.main(page)).match(/(\d+) ?(项|个事项)/)[1])
  assert.ok(all >= 15, `${all} items`)
  let seen = 0
  for (;;) {
    seen += await page.locator('.item').count()
    const next = page.getByRole('link', { name: '下一页' })
    if (!await next.count()) break
    await e.press(page, next)
  }
  assert.equal(seen, all, 'the pages together hold every item')
  await page.goto('/items')
  await page.locator('select[name=agency]').selectOption('civil')
  await page.waitForURL(/agency=civil/) // choosing is enough; without JavaScript the button does it
  await e.settled(page)
  await e.says(page, '老年人优待证申领')
  await e.silent(page, '食品经营许可（新办）')
  await page.goto('/agencies')
  await e.press(page, page.locator('main .tile', { hasText: '清澜市清江区市场监督管理局' }))
  await e.says(page, '橡树街15号', '食品经营许可（新办）', '0588-12315021')
  await page.goto('/themes')
  await e.press(page, page.locator('main .tile').first())
  assert.ok(await page.locator('.item').count() > 0)
  page.calm()
  await page.context().close()
})

test('keyboard alone: skip, search, open an item', async () => {
  const page = await person(e.desktop)
  await page.goto('/')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.textContent), '跳到正文')
  assert.ok(await page.locator('.skip').evaluate(x => x.getBoundingClientRect().top >= 0), 'the skip link is seen when it has the focus')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  assert.equal(await page.evaluate(() => document.activeElement.name), 'q', 'after the skip comes the search')
  const ring = await page.evaluate(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle !== 'none' || s.boxShadow !== 'none' })
  assert.ok(ring, 'the focus is seen')
  await page.keyboard.type('老人证')
  await Promise.all([page.waitForURL(/items\?q=/), page.keyboard.press('Enter')])
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab')
    if (await page.evaluate(() => /^\/items\/elder-card(\?|$)/.test(document.activeElement.getAttribute('href') ?? ''))) break
  }
  await Promise.all([page.waitForURL(/\/items\/elder-card/), page.keyboard.press('Enter')])
  await e.says(page, '老年人优待证')
  await page.context().close()
})

test('320 px and text of 200 % need no sideways scrolling', async () => {
  const narrow = await person({ viewport: { width: 320, height: 640 } })
  for (const at of publicPages) { await narrow.goto(at); await e.fitsTheScreen(narrow) }
  const large = await person({ viewport: { width: 640, height: 800 } })
  for (const at of publicPages) {
    await large.goto(at)
    await large.evaluate(() => { const s = new CSSStyleSheet(); s.replaceSync('html{font-size:200% !important}'); document.adoptedStyleSheets = [...document.adoptedStyleSheets, s] })
    await e.fitsTheScreen(large)
  }
  await narrow.context().close(); await large.context().close()
})

for (const [name, [device, mode]] of Object.entries(devices)) {
  test(`no barriers, nothing too wide, no raw text: ${name}`, async () => {
    const page = await person(device, mode)
    const found = []
    for (const at of publicPages) {
      const answer = await page.goto(at)
      if (answer.status() !== 200) found.push(`${at}: ${answer.status()}`)
      found.push(...(await e.faults(page)).filter(x => at !== '/api' || !x.startsWith('raw text {')).map(x => `${at}: ${x}`)) // addresses of the API hold {id}
      if (mode) found.push(...(await e.smallTargets(page, 60)).map(x => `${at}: target ${x}`))
    }
    page.calm()
    await page.context().close()
    assert.deepEqual(found, [])
  })
}

test('English: every frame and label, and back', async () => {
  const page = await person(e.phone)
  const found = []
  await page.goto('/items/food-licence-new')
  await e.press(page, page.getByRole('button', { name: 'English' }))
  assert.equal(new URL(page.url()).pathname, '/items/food-licence-new', 'the switch stays on the page')
  assert.equal(await page.locator('html').getAttribute('lang'), 'en')
  for (const at of ['/', '/items', '/items/food-licence-new', '/lookup', '/verify', '/sign-in', '/accessibility', '/ratings', '/agencies']) {
    await page.goto(at)
    found.push(...(await e.faults(page)).map(x => `${at}: ${x}`))
    const chinese = await page.evaluate(() => [...document.querySelectorAll('button, label, main h1, main h2, main h3, nav a, legend, th, dt')]
      .filter(x => !x.closest('[lang^=zh]') && x.closest('[lang]').lang === 'en' && /[\u4e00-\u9fff]/.test([...x.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join(''))).map(x => x.textContent.trim().slice(0, 30)))
    if (chinese.length) found.push(`${at}: Chinese not marked in an English page: ${[...new Set(chinese)].slice(0, 6).join(' / ')}`)
  }
  await page.goto('/')
  await e.press(page, page.getByRole('button', { name: '中文' }))
  assert.match(await page.locator('html').getAttribute('lang'), /^zh/)
  page.calm()
  await page.context().close()
  assert.deepEqual(found, [])
})

test('switching to the elder face keeps what is typed', async () => {
  const page = await person(e.phone)
  await page.goto('/lookup')
  await page.getByLabel('办件编号').fill('11580102MB0K73128340')
  await e.press(page, page.getByRole('button', { name: '长者版' }))
  assert.equal(await page.locator('html').getAttribute('data-mode'), 'elder')
  assert.equal(await page.getByLabel('办件编号').inputValue(), '11580102MB0K73128340')
  await e.noBarriers(page)
  await page.context().close()
})
