// Single sign-on with clients nobody here wrote: openid-client, oidc-client-ts in a browser, Apache mod_auth_openidc, and the example of this repository.
import { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import * as oidc from 'openid-client'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as e from './lib.mjs'
import * as kit from './sso/kit.mjs'
import { startApache } from './sso/apache.mjs'
import { startDepartment } from './sso/department.mjs'

const loa = n => `urn:tongban:loa:${n}`
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'
let city, browser
const stops = []
before(async () => { city = await e.startCity(); browser = await e.startBrowser() })
after(async () => { await browser?.close(); await Promise.all(stops.map(stop => stop())); await city?.stop() })

// person opens a browser in which 林小满 is signed in, or nobody.
async function person(signedIn = true, account = 'person:19900000101') {
  const page = await e.visitor(browser, city, e.desktop)
  if (signedIn) await e.signIn(page, account)
  return page
}

const signOut = page => e.press(page, page.locator('form[action="/sign-out"] button').first())

// ask sends a browser to sign in at a system and gives what openid-client made of the answer; between does what the person does in between.
async function ask(page, config, system, params = {}, between = agree) {
  const verifier = oidc.randomPKCECodeVerifier()
  const checks = { pkceCodeVerifier: verifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce(), idTokenExpected: true, ...('max_age' in params && { maxAge: Number(params.max_age) }) }
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: `${system.base}/back`, scope: 'openid profile', state: checks.expectedState, nonce: checks.expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256', ...params,
  })
  await page.goto(url.href)
  await between(page)
  const back = await system.take('/back')
  const answer = back.method === 'POST' ? new Request(`${system.base}/back`, { method: 'POST', body: back.body }) : back.url
  return { back, url, tokens: await oidc.authorizationCodeGrant(config, answer, checks) }
}

// agree says yes on the consent page, if there is one.
async function agree(page) {
  if (new URL(page.url()).pathname.startsWith('/oauth/consent/')) await page.getByRole('button', { name: '同意并继续' }).click()
  await page.waitForURL(u => u.origin !== city.base)
}

const fails = (promise, code) => assert.rejects(promise, err => { assert.equal(err.error ?? err.cause?.error ?? err.code, code, String(err)); return true })

// configured is openid-client's picture of the provider for a registered client.
const configured = async (id, key) => oidc.discovery(new URL(city.base), id, { id_token_signed_response_alg: key.alg }, oidc.PrivateKeyJwt(await kit.webKey(key)), { execute: [oidc.allowInsecureRequests] })

const panva = e.stages()
let dept, deptID, deptKey, config, lin, first

panva('two security officers admit a system in their browsers', async () => {
  deptKey = kit.keys()
  dept = await kit.listen()
  stops.push(dept.stop)
  const asks = await e.visitor(browser, city, e.desktop)
  await e.signIn(asks, 'staff:qin-zhuo', '/admin/clients')
  await e.press(asks, asks.getByRole('link', { name: '登记新系统' }))
  await e.noBarriers(asks)
  for (const [label, value] of [['系统名称', '清江区不动产交易系统'], ['登录回调地址', `${dept.base}/back`], ['退出后返回地址', `${dept.base}/bye`], ['后台退出地址', `${dept.base}/backchannel`], ['系统的公钥（JWKS）', deptKey.jwks],
    ['为什么需要 profile', '在交易合同上显示您的姓名'], ['为什么需要 identity', '核对您是不是权利人'], ['获取号码的法律依据', '不动产登记暂行条例第十六条']]) await asks.getByLabel(label, { exact: false }).first().fill(value)
  await asks.locator('select[name=agency]').selectOption('estate')
  for (const box of ['profile', 'identity']) await asks.locator(`input[name=scopes][value=${box}]`).check()
  for (const [name, value] of [['number', 'true'], ['refresh', 'true'], ['native', 'false'], ['audience', 'people']]) await asks.locator(`input[name=${name}][value=${value}]`).check()
  await kit.shot(asks, 'client-form')
  await e.press(asks, '提交复核')
  await e.says(asks, '请另一位安全管理员复核', '这是您自己提交的申请')
  const at = new URL(asks.url()).pathname
  deptID = at.split('/').pop()
  config = await configured(deptID, deptKey)
  await asks.goto(`/oauth/authorize?client_id=${deptID}&redirect_uri=${encodeURIComponent(dept.base + '/back')}`)
  await e.says(asks, '没有找到请求登录的系统')
  const approves = await e.visitor(browser, city, e.desktop)
  await e.signIn(approves, 'staff:shen-ze', '/admin/clients')
  await e.press(approves, approves.getByRole('link', { name: '清江区不动产交易系统' }))
  await e.noBarriers(approves)
  await kit.shot(approves, 'client-approve')
  await e.press(approves, '批准接入')
  await e.says(approves, '使用中')
  for (const page of [asks, approves]) { page.calm(); await page.context().close() }
})

panva('林小满 signs in by text message, sees what is released and why, and agrees', async () => {
  lin = await person(false)
  first = await ask(lin, config, dept, { scope: 'openid profile identity' }, async page => {
    assert.equal(new URL(page.url()).pathname, '/sign-in')
    await page.getByLabel('手机号').fill('19900000101')
    await e.press(page, '获取验证码')
    await page.getByLabel('验证码').fill((await e.lastSMS(page, '19900000101')).match(/\d{6}/)[0])
    await e.press(page, page.locator('main').getByRole('button', { name: '登录', exact: true }))
    await e.says(page, '是否登录“清江区不动产交易系统”？', '林', '在交易合同上显示您的姓名', '核对您是不是权利人', '不动产登记暂行条例第十六条', '身份证件号码', new URL(dept.base).host)
    await e.noBarriers(page)
    await kit.shot(page, 'consent')
    await agree(page)
  })
  assert.equal(first.back.url.searchParams.get('iss'), city.base)
  const c = first.tokens.claims()
  assert.equal(c.iss, city.base)
  assert.equal(c.acr, loa(2))
  assert.ok(c.amr.length > 0 && c.sid && Math.abs(c.auth_time - Date.now() / 1000) < 120)
  const info = await oidc.fetchUserInfo(config, first.tokens.access_token, c.sub)
  assert.deepEqual([info.name, info.birthdate, info.gender, info.id_number, info.account_type], ['林小满', '1996-05-18', 'female', '580102199605182647', 'person'])
  assert.ok(!JSON.stringify(c).includes('580102199605182647'), 'the number stays out of the ID token')
})

panva('what was released stands under 谁看过我的信息, the system under 我授权过谁', async () => {
  await lin.goto('/my/consents')
  await e.says(lin, '清江区不动产交易系统', '姓名')
  await e.noBarriers(lin)
  await e.until(lin, '/my/access', /清江区不动产交易系统/)
  await e.says(lin, /身份证件号码/)
})

panva('a second sign-in asks nothing, also by form_post', async () => {
  const { back, tokens } = await ask(lin, config, dept, { response_mode: 'form_post' }, page => page.waitForURL(u => u.origin !== city.base))
  assert.equal(back.method, 'POST')
  assert.equal(tokens.claims().sub, first.tokens.claims().sub)
})

panva('a refresh token is new each time; an old one ends the family', async () => {
  const { tokens } = await ask(lin, config, dept, {}, () => lin.waitForURL(u => u.origin !== city.base))
  const second = await oidc.refreshTokenGrant(config, tokens.refresh_token)
  assert.notEqual(second.refresh_token, tokens.refresh_token)
  assert.equal(second.claims().sub, tokens.claims().sub)
  await oidc.fetchUserInfo(config, second.access_token, second.claims().sub)
  await fails(oidc.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
  await fails(oidc.refreshTokenGrant(config, second.refresh_token), 'invalid_grant')
  await assert.rejects(oidc.fetchUserInfo(config, second.access_token, second.claims().sub), err => err.cause?.[0]?.parameters?.error === 'invalid_token' || err.status === 401)
})

panva('a code counts once: the second use ends what the first gave', async () => {
  const { back, tokens } = await ask(lin, config, dept, {}, () => lin.waitForURL(u => u.origin !== city.base))
  await fails(oidc.authorizationCodeGrant(config, back.url, { pkceCodeVerifier: oidc.randomPKCECodeVerifier(), expectedState: back.url.searchParams.get('state'), expectedNonce: tokens.claims().nonce }), 'invalid_grant')
  await fails(oidc.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
})

panva('an API may introspect the tokens of the systems it serves, nobody else', async () => {
  const keysOf = { api: kit.keys(), other: kit.keys('RS256') }
  const register = (name, more) => kit.register(city, { name, redirects: `${dept.base}/back`, ...more })
  const api = await configured(await register('接口后台', { jwks: keysOf.api.jwks, serves: deptID }), keysOf.api)
  const other = await configured(await register('别的系统', { jwks: keysOf.other.jwks, alg: 'RS256' }), keysOf.other)
  const { tokens } = await ask(lin, config, dept, {}, () => lin.waitForURL(u => u.origin !== city.base))
  const own = await oidc.tokenIntrospection(config, tokens.access_token)
  assert.deepEqual([own.active, own.sub, own.acr, own.client_id], [true, tokens.claims().sub, loa(2), deptID])
  const served = await oidc.tokenIntrospection(api, tokens.access_token)
  assert.equal(served.active, true)
  assert.notEqual(served.sub, own.sub, 'the sub of another sector')
  assert.deepEqual(await oidc.tokenIntrospection(other, tokens.access_token), { active: false })
  await oidc.tokenRevocation(config, tokens.access_token)
  assert.deepEqual(await oidc.tokenIntrospection(config, tokens.access_token), { active: false })
  await oidc.refreshTokenGrant(config, tokens.refresh_token).then(t => oidc.tokenRevocation(config, t.refresh_token).then(() => fails(oidc.refreshTokenGrant(config, t.refresh_token), 'invalid_grant')))
})

panva('level 3 leads through the face check and comes back with acr 3', async () => {
  const { tokens } = await ask(lin, config, dept, { acr_values: loa(3) }, async page => {
    await e.noBarriers(page)
    await kit.face(page)
    await agree(page)
  })
  assert.equal(tokens.claims().acr, loa(3))
})

panva('prompt=none never asks; prompt=login and max_age=0 always do', async () => {
  const nobody = await person(false)
  await fails(ask(nobody, config, dept, { prompt: 'none' }), 'login_required')
  await nobody.context().close()
  await ask(lin, config, dept, { prompt: 'none' })
  await fails(ask(lin, config, dept, { prompt: 'none', max_age: '0' }), 'login_required')
  for (const again of [{ prompt: 'login' }, { max_age: '0' }]) {
    const before = Math.floor(Date.now() / 1000)
    const { tokens } = await ask(lin, config, dept, again, async page => {
      assert.equal(new URL(page.url()).pathname, '/sign-in', JSON.stringify(again))
      await e.signIn(page, 'person:19900000101', new URL(page.url()).searchParams.get('next'))
      await agree(page)
    })
    assert.ok(tokens.claims().auth_time >= before, 'auth_time is of the new sign-in')
  }
})

// logoutToken takes the next logout token a system was sent and verifies it as Back-Channel Logout 1.0 §2.6 wants.
async function logoutToken(system, id, at, alg = 'ES256') {
  const sent = await system.take('/backchannel', 6)
  assert.ok(sent.at - at < 5000, `${sent.at - at} ms`)
  const { payload, protectedHeader } = await jwtVerify(sent.body.get('logout_token'), createRemoteJWKSet(new URL(city.base + '/oauth/keys')), { issuer: city.base, audience: id, typ: 'logout+jwt', algorithms: [alg] })
  assert.ok(protectedHeader.kid && payload.jti && payload.exp && payload.events[logoutEvent] && !('nonce' in payload))
  return payload
}

panva('signing out at Tongban tells the system within five seconds', async () => {
  const { tokens } = await ask(lin, config, dept)
  await lin.goto('/my')
  dept.kept.length = 0
  const at = Date.now()
  await signOut(lin)
  const said = await logoutToken(dept, deptID, at)
  assert.deepEqual([said.sid, said.sub], [tokens.claims().sid, tokens.claims().sub])
  await fails(oidc.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
})

panva('signing out at the system signs out at Tongban, and comes back with state', async () => {
  await e.signIn(lin, 'person:19900000101')
  const { tokens } = await ask(lin, config, dept)
  dept.kept.length = 0
  const at = Date.now()
  await lin.goto(oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: `${dept.base}/bye`, state: 'out-7' }).href)
  assert.equal((await dept.take('/bye')).url.searchParams.get('state'), 'out-7')
  await logoutToken(dept, deptID, at)
  assert.equal((await lin.goto('/my')).url().includes('/sign-in'), true, 'nobody is signed in any more')
  await e.signIn(lin, 'person:19900000101')
  await lin.goto(oidc.buildEndSessionUrl(config, { id_token_hint: tokens.id_token, post_logout_redirect_uri: 'https://evil.example/' }).href)
  await e.says(lin, '是否退出登录')
  await e.press(lin, lin.locator('#logout button').first())
  await e.says(lin, '您已安全退出')
  assert.equal(new URL(lin.url()).origin, city.base, 'an address nobody registered is not gone to')
})

panva('taking back a consent ends the tokens and asks again next time', async () => {
  await e.signIn(lin, 'person:19900000101')
  const { tokens } = await ask(lin, config, dept)
  await lin.goto('/my/consents')
  await lin.getByRole('button', { name: '撤回授权' }).first().click()
  await e.press(lin, lin.locator('dialog[open]').getByRole('button', { name: '撤回授权' }))
  await e.says(lin, '已撤回授权')
  await fails(oidc.refreshTokenGrant(config, tokens.refresh_token), 'invalid_grant')
  await fails(ask(lin, config, dept, { prompt: 'none' }), 'consent_required')
  await fails(ask(lin, config, dept, {}, async page => {
    await page.getByRole('button', { name: '不同意' }).click()
    await page.waitForURL(u => u.origin !== city.base)
  }), 'access_denied')
})

panva('who does not want the face check comes back to the system, which learns that the level was not reached', async () => {
  await e.signIn(lin, 'person:19900000101')
  await fails(ask(lin, config, dept, { acr_values: loa(3) }, async page => {
    await page.getByRole('link', { name: '先不核验，返回' }).click()
    await page.waitForURL(u => u.origin !== city.base)
  }), 'unmet_authentication_requirements')
  lin.calm()
  await lin.context().close()
})

const spa = e.stages()
let site, script, him

spa('oidc-client-ts, a public client on another origin, signs in and reads name and level across origins', async () => {
  const library = readFileSync(createRequire(import.meta.url).resolve('oidc-client-ts').replace(/dist\/.*/, 'dist/browser/oidc-client-ts.min.js'), 'utf8')
  site = await kit.listen(path => ({ '/oidc.js': { type: 'text/javascript', body: library }, '/favicon.ico': { status: 204 } })[path] ??
    { body: '<!doctype html><html lang="zh-CN"><title>网页应用</title><h1>网页应用</h1><script src="/oidc.js"></script>' })
  stops.push(site.stop)
  const id = await kit.register(city, { name: '网上预约（网页应用）', auth: 'none', redirects: `${site.base}/back`, post_logouts: `${site.base}/bye` })
  script = { authority: city.base, client_id: id, redirect_uri: `${site.base}/back`, post_logout_redirect_uri: `${site.base}/bye`, scope: 'openid profile', loadUserInfo: true, filterProtocolClaims: false, automaticSilentRenew: false, monitorSession: false }
  him = await person(true, 'person:19900000103')
  await him.goto(site.base)
  await him.evaluate(s => { new oidc.UserManager(s).signinRedirect({ nonce: crypto.randomUUID() }) }, script)
  await him.waitForURL(/\/oauth\/consent\//)
  await agree(him)
  const user = await him.evaluate(async s => { const u = await new oidc.UserManager(s).signinCallback(); return { profile: u.profile, expires: u.expires_in, scopes: u.scopes } }, script)
  assert.equal(user.profile.name, '贺怀仁')
  assert.equal(user.profile.acr, loa(2))
  assert.ok(user.expires > 500 && user.expires <= 600)
})

spa('it refreshes, revokes, and signs out', async () => {
  const before = await him.evaluate(async s => (await new oidc.UserManager(s).getUser()).refresh_token, script)
  const again = await him.evaluate(async s => { const u = await new oidc.UserManager(s).signinSilent(); return { token: u.refresh_token, name: u.profile.name } }, script)
  assert.ok(again.token && again.token !== before)
  assert.equal(again.name, '贺怀仁')
  await him.evaluate(s => new oidc.UserManager(s).revokeTokens(['refresh_token']), script)
  const left = await him.evaluate(async s => { const u = await new oidc.UserManager(s).getUser(); return (await fetch(s.authority + '/oauth/userinfo', { headers: { Authorization: `Bearer ${u.access_token}` } })).status }, script)
  assert.equal(left, 401, 'revoking the refresh token ends the access token with it')
  await him.evaluate(s => { new oidc.UserManager(s).signoutRedirect({ state: 'x' }) }, script)
  await him.waitForURL(u => u.pathname === '/bye')
  assert.ok((await him.goto(city.base + '/my')).url().includes('/sign-in'))
  await him.context().close()
})

const apache = e.stages()
let httpd, she

apache('a folder behind Apache and mod_auth_openidc opens for 沈玉英', async () => {
  httpd = await startApache(city.base, (redirects, back_channel, post_logouts, key) =>
    kit.register(city, { name: '旧业务系统', redirects, back_channel, post_logouts, jwks: key.jwks, alg: 'RS256', refresh: 'false' }))
  stops.push(httpd.stop)
  she = await person(true, 'person:19900000102')
  await she.goto(httpd.base + '/private/')
  await agree(she)
  await she.waitForURL(httpd.base + '/private/')
  assert.match(await she.locator('#sub').innerText(), /^[0-9a-f]{32}$/)
  assert.equal(await she.locator('#acr').innerText(), loa(2))
  assert.equal(await she.locator('#name').innerText(), '沈玉英')
})

apache('signing out at Tongban closes it within five seconds', async () => {
  await she.goto('/my')
  await signOut(she)
  for (const end = Date.now() + 5000; ;) {
    if ((await she.request.get(httpd.base + '/private/', { maxRedirects: 0 })).status() === 302) break
    assert.ok(Date.now() < end, `still open after 5 s:\n${readFileSync(httpd.log, 'utf8')}`)
    await she.waitForTimeout(200)
  }
})

apache('signing out at Apache signs out at Tongban', async () => {
  await e.signIn(she, 'person:19900000102')
  await she.goto(httpd.base + '/private/')
  await she.waitForURL(httpd.base + '/private/')
  await she.goto(`${httpd.base}/private/callback?logout=${encodeURIComponent(httpd.base + '/')}`)
  await she.waitForURL(u => u.href.startsWith(httpd.base + '/'))
  assert.match(await she.innerText('body'), /signed out/)
  assert.ok((await she.goto('/my')).url().includes('/sign-in'))
  await she.context().close()
})

const example = e.stages()
let own, mary

example('the example department is started and registered as its README says', async () => {
  own = await startDepartment(city)
  stops.push(own.stop)
  mary = await e.visitor(browser, city, e.phone)
  await mary.goto(own.base)
  await e.press(mary, mary.getByRole('link', { name: '用统一身份登录' }), 400)
  await e.says(mary, '没有找到请求登录的系统')
  await own.registered(await kit.register(city, { name: '示例业务系统', audience: 'both', ...own.form }))
})

example('a firm’s representative signs in for her firm, and steps up when it matters', async () => {
  await e.signIn(mary, 'person:19900000101')
  await e.actFor(mary, '清澜小满餐饮有限公司')
  await mary.goto(own.base)
  await mary.getByRole('link', { name: '用统一身份登录' }).click()
  await agree(mary)
  await mary.locator('#name').waitFor()
  assert.deepEqual([await mary.innerText('#name'), await mary.innerText('#level'), await mary.innerText('#firm')], ['林小满', '2', '清澜小满餐饮有限公司'])
  await mary.getByRole('link', { name: '办理需要实人核验的事项' }).click()
  await kit.face(mary)
  await mary.getByText('您已通过实人核验').waitFor()
  assert.equal(await mary.innerText('#level'), '3')
})

example('it hears that she signed out elsewhere, and signs her out there', async () => {
  await mary.goto('/my')
  await signOut(mary)
  for (const end = Date.now() + 5000; ;) {
    await mary.goto(own.base)
    if (await mary.getByRole('link', { name: '用统一身份登录' }).count()) break
    assert.ok(Date.now() < end, 'still signed in after 5 s')
    await mary.waitForTimeout(200)
  }
  await e.signIn(mary, 'person:19900000101')
  await mary.goto(own.base + '/login')
  await mary.locator('#name').waitFor()
  await mary.getByRole('button', { name: '退出登录' }).click()
  await mary.getByText('您已退出登录').waitFor()
  assert.ok((await mary.goto('/my')).url().includes('/sign-in'))
  mary.calm()
  await mary.context().close()
})
