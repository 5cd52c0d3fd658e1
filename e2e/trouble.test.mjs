// Bad input, lost sessions, closed doors: a clear word, and nothing lost.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import * as e from './lib.mjs'
import { fill, foodForm, scenario, foodAnswers } from './food.mjs'

let city, browser, owner, draft
before(async () => {
  city = await e.startCity(); browser = await e.startBrowser()
  owner = await e.visitor(browser, city)
  await e.signIn(owner, 'person:19900000101', '/my/identity')
  await e.press(owner, owner.getByRole('row', { name: '清澜小满餐饮有限公司' }).getByRole('button'))
  await owner.goto('/apply/food-licence-new')
  await e.press(owner, '开始申请')
  draft = owner.url().match(/\/drafts\/([0-9a-f-]+)\//)[1]
  await scenario(owner, foodAnswers)
  await e.press(owner, '保存并继续')
})
after(async () => { await browser?.close(); await city?.stop() })

const at = section => `/drafts/${draft}/form/${section}`

test('what breaks HTML and SQL stays text, everywhere it is shown', async () => {
  const bad = `<script>document.title='x'</script><img src=x onerror="document.title='x'">'; DROP TABLE cases;--&amp;`
  await owner.goto(at('premises'))
  await fill(owner, { shop_name: bad, shop_address: bad })
  await e.autosaved(owner)
  await owner.reload()
  assert.equal(await owner.getByLabel('门店名称（招牌）').inputValue(), bad)
  for (const page of [at('premises'), `/drafts/${draft}/check`, `/drafts/${draft}`]) {
    await owner.goto(page)
    assert.notEqual(await owner.title(), 'x')
    assert.equal(await owner.locator('main img, main script:not([type="application/json"])').count(), 0, page)
  }
  await owner.goto(`/drafts/${draft}/check`)
  await e.says(owner, 'DROP TABLE')
  for (const path of ['/items?q=', '/lookup?no=', '/verify?id=', '/sign-in?next=', '/agencies?q=']) {
    const answer = await owner.goto(path + encodeURIComponent(bad))
    assert.ok(answer.status() < 500, `${path}: ${answer.status()}`)
    assert.notEqual(await owner.title(), 'x')
  }
  owner.calm()
})

test('wrong numbers, impossible days and endless names are named, and kept', async () => {
  await owner.goto(at('people'))
  await fill(owner, { ...foodForm.people, manager_name: '长'.repeat(200), manager_id: '580102199605182640', staff_count: '-3' })
  await e.press(owner, '保存并继续', 422)
  await e.says(owner, '校验位不对', /100 ?个?字/)
  assert.equal(await owner.getByLabel('食品安全管理员证件号码').inputValue(), '580102199605182640')
  assert.ok((await owner.getByLabel('食品安全管理员姓名').inputValue()).length >= 100)
  assert.equal(await owner.evaluate(() => document.activeElement.className.includes('error-summary')), true, 'the summary has the focus')
  await e.noBarriers(owner); await e.fitsTheScreen(owner)
  await owner.goto(at('premises'))
  await fill(owner, { ...foodForm.premises, shop_address: '清江区石栏路58号', 'opening_date.y': '2026', 'opening_date.m': '2', 'opening_date.d': '30' })
  await e.press(owner, '保存并继续', 422)
  assert.equal(await owner.locator('[name="opening_date.d"]').inputValue(), '30')
  await fill(owner, { 'opening_date.y': '1999', 'opening_date.m': '1', 'opening_date.d': '1' })
  await e.press(owner, '保存并继续', 422)
})

test('a birthday to come is no birthday', async () => {
  const page = await e.visitor(browser, city)
  await e.signIn(page, 'person:19900000103')
  await page.goto('/sign-in'); await page.context().clearCookies()
  await page.goto('/sign-in')
  await page.getByLabel('手机号').fill('19900000188')
  await e.press(page, '获取验证码')
  await page.getByLabel('验证码').fill((await e.lastSMS(page, '19900000188')).match(/\d{6}/)[0])
  await e.press(page, page.locator('main').getByRole('button', { name: '登录', exact: true }))
  await page.goto('/sign-in/verify-name')
  const sum = '58010220990101123'.split('').reduce((s, c, i) => s + c * (2 ** (17 - i) % 11), 0)
  await page.getByLabel('姓名').fill('未来人')
  await page.getByLabel('证件号码').fill('58010220990101123' + '10X98765432'[sum % 11])
  await e.press(page, page.locator('main form button').first(), 422)
  await e.says(page, /出生日期/)
  page.calm()
  await page.context().close()
})

test('a session that ends in mid-form costs no word', async () => {
  await owner.goto(at('contact'))
  await fill(owner, { contact_name: '林小满', contact_phone: '19900000101', contact_id: '580102199605182647' })
  await owner.context().clearCookies()
  await e.press(owner, '保存并继续')
  assert.match(owner.url(), /\/sign-in/)
  await owner.getByLabel('手机号').fill('19900000101')
  await e.press(owner, '获取验证码')
  await owner.getByLabel('验证码').fill((await e.lastSMS(owner, '19900000101')).match(/\d{6}/)[0])
  await e.press(owner, owner.locator('main').getByRole('button', { name: '登录', exact: true }))
  await e.says(owner, '继续')
  await owner.locator('main details summary').first().click().catch(() => {})
  await e.says(owner, '580102199605182647')
  await e.noBarriers(owner)
  await owner.locator('main form button').first().click()
  await owner.waitForURL(u => !u.pathname.startsWith('/resume'))
  const again = owner.getByRole('button', { name: '切换为清澜小满餐饮有限公司' })
  if (await again.count()) await e.press(owner, again) // she acts for herself after each sign-in
  await owner.goto(at('contact'))
  assert.equal(await owner.locator('[name=contact_id]').inputValue(), '580102199605182647')
})

test('a form sent twice takes effect once', async () => {
  const person = await e.visitor(browser, city)
  await e.signIn(person, 'person:19900000103', '/apply/elder-card')
  const key = await person.locator('[name=client_key]').inputValue()
  const send = () => person.request.post('/apply/elder-card', { form: { client_key: key }, maxRedirects: 0, headers: { Origin: city.base } })
  const [one, two] = await Promise.all([send(), send()])
  const three = await send()
  assert.deepEqual([...new Set([one, two, three].map(r => r.status()))], [303])
  assert.equal(new Set([one, two, three].map(r => r.headers().location)).size, 1, 'the same draft')
})

test("another person's case is not there", async () => {
  const stranger = await e.visitor(browser, city)
  await e.signIn(stranger, 'person:19900000107')
  for (const path of [`/drafts/${draft}`, `/drafts/${draft}/check`, `/my/cases/${draft}`, `/my/cases/${draft}/receipt`, `/my/cases/${draft}/rate`]) {
    const answer = await stranger.goto(path)
    assert.equal(answer.status(), 404, path)
    await e.silent(stranger, '林小满', '清澜小满')
    await e.noBarriers(stranger)
  }
  assert.equal((await stranger.goto('/desk/cases')).status(), 403)
  await e.says(stranger, /权限|无权/)
  assert.equal((await stranger.goto('/no/such/page')).status(), 404)
  stranger.calm()
  await stranger.context().close()
})

test('a disabled account is out at once and told so', async () => {
  const clerk = await e.visitor(browser, city, e.desktop), admin = await e.visitor(browser, city, e.desktop)
  await e.signIn(clerk, 'staff:ma-qiang', '/window')
  await e.signIn(admin, 'staff:qin-zhuo', '/admin/staff')
  await e.press(admin, admin.getByRole('link', { name: '马蔷' }))
  await e.press(admin, admin.getByRole('link', { name: '紧急收回权限' }))
  await admin.locator('textarea, input[name=reason]').first().fill('账号疑似被盗用')
  await e.press(admin, admin.locator('main form button').last())
  const answer = await clerk.goto('/window')
  assert.ok(answer.status() === 403 || /\/sign-in/.test(clerk.url()), `the disabled clerk still works: ${answer.status()} ${clerk.url()}`)
  await clerk.context().close(); await admin.context().close()
})
