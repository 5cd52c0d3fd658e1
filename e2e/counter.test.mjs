// A day at the counter: a card read by the simulated reader, two matters in one go, a photograph from the visitor's phone, receipts, the result handed
// out in the same visit, and the shift handed over.
import { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { spawn, execFileSync } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { tmpdir } from 'node:os'
import * as e from './lib.mjs'

const test = e.stages()
let city, browser, agent, reader, agentFile, page, visit, number
const shen = '580102194103071821'

before(async () => {
  reader = `http://127.0.0.1:${await e.freePort()}`
  agentFile = process.env.TONGBAN_E2E_AGENT ?? join(tmpdir(), `readeragent-${process.pid}`)
  if (!existsSync(agentFile)) execFileSync('go', ['build', '-o', agentFile, './examples/readeragent'], { cwd: new URL('..', import.meta.url) })
  city = await e.startCity({ args: ['--reader', reader] })
  agent = spawn(agentFile, ['--listen', reader.slice(7), '--origin', city.base, '--secret-file', join(city.dir, 'keys', 'reader.key'), '--simulate'], { stdio: 'ignore' })
  browser = await e.startBrowser()
  page = await e.visitor(browser, city, e.desktop)
  await e.signIn(page, 'staff:he-jing', '/window/visitors')
})
after(async () => {
  agent?.kill()
  if (!process.env.TONGBAN_E2E_AGENT) rmSync(agentFile, { force: true })
  await browser?.close()
  await city?.stop()
})

// lay puts a card of the demo city on the simulated reader.
const lay = async n => assert.equal((await fetch(reader + '/card', { method: 'POST', body: new URLSearchParams({ number: n }), redirect: 'manual' })).status, 303)

test('the clerk begins a shift', async () => {
  await page.getByLabel('您在几号窗口').fill('3')
  await e.press(page, '开始值班')
  await e.says(page, '3 号窗口', '现在没有人等候')
  await e.noBarriers(page)
})

test('a reader without a card, and one with an expired card, say so', async () => {
  const read = page.getByRole('button', { name: '读身份证' })
  await read.click()
  await page.getByText('没有读到证件').waitFor()
  await lay('580121196111221592')
  await e.press(page, read, 422)
  await e.says(page, '已于 2025-01-10 到期')
})

test('沈玉英 is signed in by her card', async () => {
  await lay(shen)
  await page.getByLabel('手机号码').fill('19900000102')
  await e.press(page, page.getByRole('button', { name: '读身份证' }))
  await e.says(page, '沈*英', '读卡器（已核对）', '没有未办结的事')
  await e.silent(page, '沈玉英', shen)
  await e.noBarriers(page)
  visit = new URL(page.url()).pathname
})

test('two matters are begun in one go', async () => {
  await page.locator('input[name=item][value=elder-card]').check()
  await page.locator('input[name=item][value=birth-registration]').check()
  await e.press(page, '加到这次要办')
  await e.says(page, '已加上 2 件', '老年人优待证申领', '生育登记服务')
})

test('the first is filled in, its photograph comes from her phone', async () => {
  await e.press(page, page.locator('#basket-title ~ ul li', { hasText: '老年人优待证申领' }).getByRole('button', { name: '填写' }))
  await e.says(page, '正在接待：沈*英')
  await page.locator('[name="scenario.residence"][value=household]').check()
  const photo = page.locator('[name="scenario.photo"][value=upload]')
  if (!await photo.count()) await e.press(page, '继续', 422)
  await photo.check()
  await e.press(page, '继续')
  await page.locator('[name=live_address]').fill('清江区望江街道渡口巷12号101室')
  await page.locator('[name=delivery][value=window]').check()
  for (const box of await page.locator('main input[type=checkbox]').all()) await box.check()
  await e.press(page, '继续')
  await e.press(page, '用手机传材料')
  assert.equal(await page.locator('svg.qr').count(), 1)
  await e.noBarriers(page)
  const address = await page.locator('[data-phone-address]').textContent()
  const hers = await e.visitor(browser, city, e.phone)
  await hers.goto(address)
  await e.says(hers, '老年人优待证申领', '近期免冠照片')
  await e.silent(hers, '沈玉英', '沈*英', '1990000')
  await e.fitsTheScreen(hers)
  await e.noBarriers(hers)
  await hers.locator('#f-photo').setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: e.png() })
  await hers.getByText('照片.png').first().waitFor()
  hers.calm()
  await page.locator('#arrivals .item-facts', { hasText: '照片.png' }).waitFor({ timeout: 15000 }) // by itself
  await e.press(page, page.locator('#arrivals').getByRole('button', { name: /^收下/ }))
  await e.says(page, '已收下')
  await e.press(page, '结束手机上传')
  assert.equal((await hers.goto(address)).status(), 410)
  await e.says(hers, '已经结束')
  await hers.context().close()
  await e.press(page, page.getByRole('link', { name: '回到材料页' }))
  await e.press(page, page.getByRole('link', { name: '下一步：核对' }))
  await e.silent(page, '处需要完善')
})

test('the second knows what the first says', async () => {
  await page.goto(visit)
  await e.press(page, page.locator('#basket-title ~ ul li', { hasText: '生育登记服务' }).getByRole('button', { name: /填写|查看/ }))
  if (page.url().includes('/questions')) {
    for (const set of await page.locator('main fieldset').all()) await set.locator('input[type=radio]').first().check()
    await e.press(page, '继续')
  }
  assert.match(await page.locator('main').innerText(), /本次到场的另一件/)
})

test('what is complete is sent, the rest stays, and the receipt is printed', async () => {
  await page.goto(visit)
  await e.press(page, '提交已填好的 1 件')
  assert.equal(new URL(page.url()).pathname, visit + '/receipts')
  await e.says(page, '已提交 1 件', '收件凭证：老年人优待证申领', '查询码', '到场次数')
  assert.ok(await page.locator('svg.qr').count() >= 1)
  number = (await e.main(page)).match(/办件编号\s+(\S+)/)[1]
})

test('the civil post grants, and she fetches the card in the same visit', async () => {
  const civil = await e.visitor(browser, city, e.desktop)
  await e.signIn(civil, 'staff:xu-hui', '/desk/cases')
  await e.press(civil, civil.getByRole('link', { name: number }))
  const spot = civil.locator('section.acts').getByRole('link', { name: '当场办理', exact: true })
  if (await spot.count()) {
    await e.press(civil, spot)
    await civil.locator('input[name=outcome][value^=grant]').check()
    await e.press(civil, '作出决定')
  }
  await civil.context().close()
  await e.until(page, visit, async () => await page.getByRole('button', { name: '把勾选的一起交给他' }).count() > 0)
  await page.locator('input[name=checked]').check()
  await e.press(page, '把勾选的一起交给他')
  await e.says(page, '已交付 1 件', '领取凭证', '领取人签名')
  await page.goto(visit)
  await e.says(page, /到场次数 1 次/)
})

test('the visit ends, and the shift is handed over', async () => {
  await page.locator('select[name=result]').selectOption('partly')
  await e.press(page, '结束')
  await e.says(page, '这次到场已结束')
  await page.goto('/window/shift')
  await e.says(page, '3 号窗口', '没有提交的申请')
  await e.noBarriers(page)
  await page.getByLabel('留给下一班的话').fill('生育登记还差材料，等她明天来。')
  await e.press(page, '结束值班并交班')
  const next = await e.visitor(browser, city, e.desktop)
  await e.signIn(next, 'staff:ma-qiang', '/window/visitors')
  await e.says(next, '生育登记还差材料，等她明天来。')
  await e.press(next, '我已看到，接着办')
  await e.silent(next, '生育登记还差材料')
  next.calm()
  page.calm()
})
