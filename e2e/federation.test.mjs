// Signing in through an outside provider: a second Tongban, and panva's oidc-provider, both unmodified.
import { after, before } from 'node:test'
import assert from 'node:assert/strict'
import * as e from './lib.mjs'
import * as kit from './sso/kit.mjs'
import { startProvider } from './sso/provider.mjs'

const test = e.stages()
const stops = []
const lin = 'person:19900000101'
let city, province, browser, page
before(async () => {
  [city, province, browser] = await Promise.all([e.startCity(), e.startCity({ host: 'localhost' }), e.startBrowser()])
})
after(async () => { await browser?.close(); await Promise.all([...stops.map(stop => stop()), city?.stop(), province?.stop()]) })

// admit has a provider admitted by two security officers of the city.
async function admit(provider) {
  const asks = await kit.desk(city, 'staff:qin-zhuo')
  await asks.post('/admin/providers/new', { name_en: '', auth: 'private_key_jwt', secret: '', claim_phone: '', claim_name: 'name', claim_number: 'id_number', mode: 'query', order: '10', enabled: 'true', why: '按协议接入', ...provider })
  const approves = await kit.desk(city, 'staff:shen-ze')
  const changes = [...(await approves.get('/admin/providers')).text.matchAll(/\/admin\/providers\/changes\/[\w-]+/g)].map(m => m[0])
  for (const at of new Set(changes)) if ((await approves.get(at)).text.includes(`${at}/approve`)) await approves.post(`${at}/approve`, {})
}

const back = (key, at = city) => `${at.base}/sign-in/with/${key}/back`

test('two officers here admit the province, two officers there admit the city', async () => {
  const client = await kit.register(province, {
    name: '清澜政务服务网', jwks: await (await fetch(city.base + '/federation/keys')).text(), redirects: back('province'), refresh: 'false',
    scopes: ['openid', 'profile', 'identity'], why_profile: '显示姓名', why_identity: '核对身份', number: 'true', number_basis: '在线政务服务若干规定第十条',
  })
  await admit({ key: 'province', name_zh: '澜州省统一身份认证', issuer: province.base, client_id: client, scopes: 'openid profile identity', levels: 'urn:tongban:loa:2 2\nurn:tongban:loa:3 3' })
  const officer = await e.visitor(browser, city, e.desktop)
  await e.signIn(officer, 'staff:qin-zhuo', '/admin/providers')
  await e.says(officer, '澜州省统一身份认证', province.base)
  await e.noBarriers(officer)
  await officer.goto('/admin/providers/check/province')
  await e.says(officer, province.base, 'urn:tongban:loa:3')
  await e.noBarriers(officer)
  officer.calm()
  await officer.context().close()
})

// through goes through the second Tongban from the page that leads there: signs in, and does what is asked there.
async function through(page, choose = p => p.getByRole('button', { name: '同意并继续' }).click()) {
  await page.waitForURL(u => u.origin === province.base)
  if (new URL(page.url()).pathname.startsWith('/sign-in')) {
    const next = new URL(page.url()).searchParams.get('next')
    await page.goto(province.base + '/demo')
    await Promise.all([page.waitForURL(u => u.pathname !== '/demo'), page.locator(`form:has(input[value="${lin}"]) button`).click()])
    await page.goto(province.base + next)
  }
  if (new URL(page.url()).pathname.startsWith('/oauth/consent/')) await choose(page)
}
const home = page => page.waitForURL(u => u.origin === city.base && !u.pathname.startsWith('/sign-in/with/'))

// linked answers the text message by which the account's holder agrees to the first sign-in with a platform.
async function linked(page, phone) {
  await home(page)
  assert.equal(new URL(page.url()).pathname, '/sign-in/second')
  await page.getByLabel('验证码').fill((await e.lastSMS(page, phone)).match(/\d{6}/)[0])
  await e.press(page, page.locator('main').getByRole('button', { name: '登录', exact: true }))
}

test('whoever says no there is told so here, and offered the other ways', async () => {
  page = await e.visitor(browser, city, e.desktop)
  await page.goto('/sign-in?next=/my/identity')
  await page.getByRole('link', { name: /澜州省统一身份认证/ }).click()
  await through(page, p => p.getByRole('button', { name: '不同意' }).click())
  await page.waitForURL(u => u.origin === city.base)
  await e.says(page, /没有|取消|拒绝/)
  await e.noBarriers(page)
  await page.getByRole('link', { name: '换一种登录方式' }).click()
  assert.equal(new URL(page.url()).searchParams.get('next'), '/my/identity')
})

test('林小满 comes in through the province, to the account she has here, with the level the province vouches for', async () => {
  const other = await e.visitor(browser, city, e.phone)
  await e.signIn(other, lin)
  await page.getByRole('link', { name: /澜州省统一身份认证/ }).click()
  await through(page)
  await linked(page, '19900000101')
  assert.equal(new URL(page.url()).pathname, '/my/identity')
  await e.says(page, /林/, '二级', '清澜小满餐饮有限公司')
  await other.goto('/my/devices')
  await e.says(other, '其他平台')
  await other.context().close()
})

test('level 3 is proved there and counts here', async () => {
  await page.goto('/sign-in/step-up?level=3&next=/my/identity')
  await page.getByRole('link', { name: /澜州省统一身份认证/ }).click()
  await through(page) // the city asks for a fresh sign-in
  assert.equal(new URL(page.url()).pathname, '/sign-in/step-up')
  await kit.face(page)
  await home(page)
  assert.equal(new URL(page.url()).pathname, '/my/identity')
  await e.says(page, '三级')
  page.calm()
  await page.context().close()
})

test('panva’s oidc-provider: private_key_jwt with query, client_secret_basic with form_post', async () => {
  const secret = 's-e c/r+e&t'
  const outside = await startProvider(city.base, back, secret, { keyed: { name: '贺怀仁', id_number: '580102196008303179' }, basic: { name: '苗长河', id_number: '580121196111221592' } })
  stops.push(outside.stop)
  const levels = 'p:2 2\np:3 3'
  await admit({ key: 'keyed', name_zh: '国家平台', issuer: outside.issuer, client_id: 'keyed', scopes: 'openid identity', levels })
  await admit({ key: 'posted', name_zh: '老平台', issuer: outside.issuer, client_id: 'basic', auth: 'client_secret_basic', secret, mode: 'form_post', scopes: 'openid identity', levels })
  for (const [name, phone, who] of [['国家平台', '19900000103', '贺*仁'], ['老平台', '19900000114', '苗*河']]) {
    const p = await e.visitor(browser, city, e.phone)
    await p.goto('/sign-in?next=/my/identity')
    await p.getByRole('link', { name: new RegExp(name) }).click()
    await linked(p, phone)
    assert.equal(new URL(p.url()).pathname, '/my/identity')
    await e.says(p, who, '二级')
    await p.goto('/sign-in/step-up?level=3&next=/my/identity')
    await p.getByRole('link', { name: new RegExp(name) }).click()
    await home(p)
    await e.says(p, '三级')
    p.calm()
    await p.context().close()
  }
})
