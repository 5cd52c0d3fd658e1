// Without JavaScript: an 85-year-old at the window, and a man of 66 at home.
import { after, before } from 'node:test'
import assert from 'node:assert/strict'
import * as e from './lib.mjs'

const test = e.stages(), home = e.stages()
const plain = { javaScriptEnabled: false }
let city, browser, number, code, he
before(async () => { city = await e.startCity(); browser = await e.startBrowser() })
after(async () => { await browser?.close(); await city?.stop() })

const staff = async (key, at) => { const page = await e.visitor(browser, city, e.desktop, plain); await e.signIn(page, `staff:${key}`, at); return page }
const choose = (page, name, value) => page.locator(`[name="${name}"][value="${value}"]`).check()

// decide grants on the spot what the system has not granted by itself.
async function decide(page) {
  const spot = page.locator('section.acts').getByRole('link', { name: '当场办理', exact: true })
  if (await spot.count()) {
    await e.press(page, spot)
    await page.locator('input[name=outcome][value^=grant]').check()
    await e.press(page, '作出决定')
  }
  await e.says(page, /准予|办结/)
}

test('the clerk receives 沈玉英 for the elder card', async () => {
  const page = await staff('he-jing', '/window')
  await page.locator('main input[type=search]').fill('老人证')
  await e.press(page, page.locator('main search button, main form[action="/window"] button').first())
  await e.press(page, page.locator('main .item', { hasText: '老年人优待证' }).getByRole('link', { name: '开始办理' }))
  await page.getByLabel('到场人姓名').fill('沈玉英')
  await page.getByLabel('证件号码').fill('580102194103071822')
  await e.press(page, '继续', 422)
  assert.equal(await page.getByLabel('到场人姓名').inputValue(), '沈玉英')
  await page.getByLabel('证件号码').fill('580102194103071821')
  await page.getByLabel('手机号码').fill('19900000102')
  await e.press(page, '继续')
  await choose(page, 'scenario.residence', 'household')
  const photo = page.locator('[name="scenario.photo"][value="id-card"]')
  if (!await photo.count()) await e.press(page, '继续', 422)
  await photo.check()
  await e.press(page, '继续')
  await e.says(page, '填写申请内容')
  assert.equal(await page.locator('[name=name]').inputValue(), '沈玉英', 'known from the register')
  assert.match(await page.locator('main').innerText(), /人口库/)
  await page.locator('[name=live_address]').fill('清江区望江街道渡口巷12号101室')
  await choose(page, 'delivery', 'window')
  for (const box of await page.locator('main input[type=checkbox]').all()) await box.check()
  await e.press(page, '继续')
  if (page.url().endsWith('/materials')) {
    const reuse = page.getByRole('button', { name: /^使用“/ })
    while (await reuse.count()) await e.press(page, reuse.first())
    await e.press(page, page.getByRole('link', { name: '下一步：核对' }))
  }
  await e.silent(page, '处需要完善')
  const spot = page.getByRole('button', { name: '提交并当场发证' })
  if (await spot.count()) await e.press(page, spot)
  else await e.press(page, page.getByRole('button', { name: /^(提交申请|只提交，稍后决定)$/ }))
  const text = await e.main(page)
  number = text.match(/办件编号\s+(\S+)/)[1]
  code = text.match(/查询码\s+(\S+)/)[1]
  assert.ok(await page.locator('main svg').count(), 'QR on the receipt')
  await page.context().close()
})

test('the civil post decides on the spot', async () => {
  const page = await staff('xu-hui', '/desk/cases')
  await e.press(page, page.getByRole('link', { name: number }))
  await decide(page)
  await e.says(page, /准予|办结/)
  await page.context().close()
})

test('the clerk hands out the card and the visit is counted', async () => {
  const page = await staff('he-jing', '/window/hand-out')
  await e.until(page, '/window/hand-out', async () => await page.getByRole('link', { name: number }).count() > 0)
  await e.press(page, page.getByRole('link', { name: number }))
  await page.getByLabel('领取人姓名').fill('沈玉英')
  await page.locator('input[name=checked]').check()
  await e.press(page, '确认已交付')
  await e.says(page, /已完成：送达|已送达/)
  const visits = (await e.main(page)).match(/到场次数\s+(\d+)/)
  assert.ok(Number(visits?.[1]) >= 1, 'visits are counted')
  await page.context().close()
})

test('anyone with number and code follows it, masked', async () => {
  const page = await e.visitor(browser, city, e.phone, plain)
  await page.goto('/lookup')
  await page.getByLabel('办件编号').fill(number)
  await page.getByLabel('查询码').fill('ZZZZZZZZ')
  const wrong = await e.press(page, '查询进度', 404).catch(err => err)
  if (wrong instanceof Error) await e.says(page, /没有|不对|不符/)
  assert.equal(await page.getByLabel('办件编号').inputValue(), number)
  await page.getByLabel('查询码').fill(code.toLowerCase())
  await e.press(page, '查询进度')
  await e.says(page, '老年人优待证', /已办结|已送达|准予/)
  await e.silent(page, '沈玉英', '580102194103071821', '渡口巷')
  await page.context().close()
})

home('贺怀仁 searches, applies and sends at home', async () => {
  he = await e.visitor(browser, city, e.phone, plain)
  await he.goto('/')
  await e.press(he, he.getByRole('button', { name: '长者版' }))
  await he.locator('.hero input[type=search]').fill('老年证')
  await e.press(he, he.locator('.hero button'))
  await e.press(he, he.getByRole('link', { name: '老年人优待证申领', exact: true }))
  await e.press(he, he.locator('main').getByRole('link', { name: '在线申请' }).first())
  await he.getByLabel('手机号').fill('19900000103')
  await e.press(he, '获取验证码')
  await he.getByLabel('验证码').fill((await e.lastSMS(he, '19900000103')).match(/\d{6}/)[0])
  await e.press(he, he.locator('main').getByRole('button', { name: '登录', exact: true }))
  await e.press(he, '开始申请')
  await choose(he, 'scenario.residence', 'none')
  await e.press(he, '保存并继续', 422)
  await e.says(he, '您需要先办居住证')
  await choose(he, 'scenario.residence', 'household')
  if (!await he.locator('[name="scenario.photo"]').count()) await e.press(he, '保存并继续')
  await choose(he, 'scenario.photo', 'id-card')
  await e.press(he, '保存并继续')
  const tasks = new URL(he.url()).pathname.match(/\/drafts\/[0-9a-f-]+/)[0]
  for (let i = 0; i < 8; i++) {
    await he.goto(tasks)
    const task = he.locator('main li', { hasText: '待完成', hasNotText: '核对填写内容' }).getByRole('link')
    if (!await task.count()) break
    await e.press(he, task.first())
    if (he.url().endsWith('/materials')) { await e.press(he, he.getByRole('button', { name: /^使用选中的证照/ }).first()); continue }
    const live = he.locator('[name=live_address]')
    if (await live.count()) await live.fill('清江区柳桥街道桂花里8幢302室')
    if (await he.locator('[name=delivery]').count()) await choose(he, 'delivery', 'electronic')
    for (const box of await he.locator('main input[type=checkbox]').all()) await box.check()
    await e.press(he, '保存并继续')
  }
  await he.goto(tasks + '/check')
  await e.says(he, '贺怀仁', '提交申请')
  await e.press(he, '提交申请')
  await e.says(he, '办件编号', '查询码')
  await e.noBarriersPlain(he)
  number = (await e.main(he)).match(/办件编号\s+(\S+)/)[1]
})

home('the civil post grants; he finds the card, downloads it and rates', async () => {
  const page = await staff('xu-hui', '/desk/cases')
  await page.goto('/desk/cases?tab=all')
  await e.press(page, page.getByRole('link', { name: number }))
  await decide(page)
  await page.context().close()
  await e.until(he, '/my/licences', /老年人优待证/)
  await e.press(he, he.locator('main').getByRole('link', { name: /老年人优待证/ }).first())
  await e.until(he, he.url(), async () => await he.getByRole('link', { name: /下载/ }).count() > 0)
  const pdf = await he.request.get(await he.getByRole('link', { name: /下载/ }).getAttribute('href'))
  assert.equal((await pdf.body()).subarray(0, 5).toString(), '%PDF-')
  await he.goto('/my/cases')
  await e.press(he, he.getByRole('link', { name: '老年人优待证申领' }).first())
  await e.press(he, he.getByRole('link', { name: '评价这次办理' }))
  await choose(he, 'grade', '2')
  await he.locator('main textarea').fill('没有跑路。')
  await e.press(he, '提交评价')
  await e.says(he, '感谢您的评价')
  await he.reload()
  assert.equal(await he.getByRole('button', { name: '提交评价' }).count() === 0 || (await e.main(he)).includes('环节'), true, 'one contact is rated once')
})
