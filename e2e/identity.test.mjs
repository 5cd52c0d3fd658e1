// Who somebody is and how they prove it: passkeys (Chromium's virtual authenticator), a second step on new devices, a code to scan, the lock of
// staff pages, mandates that end at once, and the pages around them.
import { after, before, test as alone } from 'node:test'
import assert from 'node:assert/strict'
import * as e from './lib.mjs'

const lin = 'person:19900000101', he = 'person:19900000103'
let city, browser
before(async () => { city = await e.startCity({ host: 'localhost' }); browser = await e.startBrowser() }) // passkeys belong to names, not to addresses
after(async () => { await browser?.close(); await city?.stop() })

// withKey gives a browser an authenticator that checks a fingerprint, as phones have.
async function withKey(page) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', { options: { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } })
}

async function addKey(page, label) {
  await page.goto('/my/security/passkeys/new')
  await page.getByLabel('给它起个名字').fill(label)
  await page.getByRole('button', { name: '在这台设备上添加' }).click()
  await page.waitForURL(u => u.pathname === '/my/security')
  await e.says(page, label)
}

const signOut = page => e.press(page, page.locator('form[action="/sign-out"] button').first())
const someone = async (account, device = e.desktop) => { const page = await e.visitor(browser, city, device); if (account) await e.signIn(page, account); return page }
const choose = (page, name, value) => page.locator(`[name="${name}"][value="${value}"]`).check()

// signed signs the text of /my/sign with the passkey, which leads back to where it was asked for.
async function signed(page) {
  assert.match(new URL(page.url()).pathname, /^\/my\/sign\//)
  await page.getByRole('button', { name: '用通行密钥签署' }).click()
  await page.waitForURL(u => !u.pathname.startsWith('/my/sign/'))
}

const keys = e.stages()
let page, other

keys('林小满 adds a passkey and signs in with it', async () => {
  page = await someone(lin)
  await withKey(page)
  await addKey(page, '我的笔记本')
  await signOut(page)
  await page.goto('/sign-in/passkey?next=/my/devices')
  await e.noBarriers(page)
  await page.getByRole('button', { name: '使用通行密钥' }).click()
  await page.waitForURL(u => u.pathname === '/my/devices')
  await e.says(page, '通行密钥')
})

keys('she signs a declaration with it, and only then can send the application', async () => {
  await page.goto('/apply/birth-registration')
  await e.press(page, '开始申请')
  const tasks = new URL(page.url()).pathname.match(/\/drafts\/[0-9a-f-]+/)[0]
  for (let i = 0; i < 8; i++) {
    await page.goto(tasks)
    const task = page.locator('main li', { hasText: '待完成', hasNotText: '核对填写内容' }).getByRole('link')
    if (!await task.count()) break
    await e.press(page, task.first())
    const home = page.locator('[name=live_address]')
    if (await home.count()) await home.fill('清江区望江街道石栏路36号2幢501室')
    if (await page.locator('[name=stage]').count()) await choose(page, 'stage', 'planning')
    if (await page.locator('[name=delivery]').count()) await choose(page, 'delivery', 'electronic')
    for (const box of await page.locator('main input[type=checkbox]').all()) await box.check()
    await e.press(page, '保存并继续')
  }
  await page.goto(tasks + '/check')
  await e.press(page, '签名并提交')
  await e.says(page, '我登记的生育情况和居住地址真实', '林小满')
  await e.noBarriers(page)
  await signed(page)
  await e.press(page, page.getByRole('button', { name: /提交/ }).first())
  await e.says(page, '办件编号')
})

keys('a mandate is signed by the giver, used by the holder, and ends at the next request once it is taken back', async () => {
  await page.goto('/my/mandates/new')
  await choose(page, 'kind', 'family')
  await e.press(page, '下一步')
  await page.getByLabel('对方的姓名').fill('贺怀仁')
  await page.getByLabel('对方的证件号码').fill('580102196008303179')
  await e.press(page, '下一步')
  for (const box of await page.locator('[name=acts]').all()) await box.check()
  await choose(page, 'which', 'all')
  await e.press(page, '下一步')
  await choose(page, 'length', 'year')
  await e.press(page, '下一步')
  await e.noBarriers(page)
  await page.getByLabel('我已阅读并同意上面的授权书').check()
  await e.press(page, '确认授权')
  await signed(page)
  if (new URL(page.url()).pathname.endsWith('/check')) {
    await page.getByLabel('我已阅读并同意上面的授权书').check()
    await e.press(page, '确认授权')
  }
  await e.says(page, '贺怀仁')
  other = await someone(he, e.phone)
  await other.goto('/my/mandates')
  await e.press(other, other.getByRole('link', { name: /林/ }).first())
  await e.noBarriers(other)
  await e.press(other, '接受授权')
  await other.goto('/my/identity')
  await e.press(other, other.getByRole('row', { name: /林/ }).getByRole('button'))
  await other.goto('/my')
  assert.match(await other.locator('body').innerText(), /代.*林\*满|林\*满/)
  await page.goto('/my/mandates')
  await e.press(page, page.locator('main a[href$="/end"]').first())
  await e.noBarriers(page)
  await e.press(page, '收回授权')
  await e.says(page, '授权已收回')
  await other.goto('/my')
  assert.match(await other.locator('body').innerText(), /给您的委托已经结束，现在以您本人的名义办理/)
  await e.says(other, '贺*仁')
  for (const p of [page, other]) { p.calm(); await p.context().close() }
})

alone('a password on a new device needs a second step, on the same device none the next time', async () => {
  const phone = '19900000105', secret = '青禾仓库-夜班-7431'
  const first = await someone(`person:${phone}`)
  await first.goto('/my/security/password')
  await first.getByLabel('新密码').fill('password123')
  await first.getByLabel('再输入一遍').fill('password123')
  await e.press(first, '保存密码', 422)
  await first.getByLabel('新密码').fill(secret)
  await first.getByLabel('再输入一遍').fill(secret)
  await e.press(first, '保存密码')
  await first.context().close()
  const p = await someone()
  const enter = async password => {
    await p.goto('/sign-in/password')
    await p.getByLabel('手机号').fill(phone)
    await p.getByLabel('密码', { exact: true }).fill(password)
    return p.locator('main').getByRole('button', { name: '登录', exact: true })
  }
  await e.press(p, await enter('不是这个密码'), 422)
  await e.press(p, await enter(secret))
  assert.equal(new URL(p.url()).pathname, '/sign-in/second')
  await e.noBarriers(p)
  if (!/已发送/.test(await e.main(p))) await e.press(p, '获取验证码')
  await p.getByLabel('验证码').fill((await e.lastSMS(p, phone)).match(/\d{6}/)[0])
  await e.press(p, p.locator('main').getByRole('button', { name: '登录', exact: true }))
  await p.goto('/my')
  await e.says(p, '欧**姝')
  await signOut(p)
  await e.press(p, await enter(secret))
  assert.ok(!p.url().includes('/sign-in'), p.url())
  p.calm()
  await p.context().close()
})

alone('a phone that is signed in lets a desktop in by the code on its screen', async () => {
  const screen = await someone(), hand = await someone(he, e.phone)
  await screen.goto('/sign-in?next=/my/devices')
  await e.press(screen, screen.getByRole('button', { name: /扫码登录/ }))
  await e.noBarriers(screen)
  await e.fitsTheScreen(screen)
  const [match, code] = await Promise.all(['.match', '.hint .num'].map(x => screen.locator(`#qr-state ${x}`).first().innerText()))
  await hand.goto('/approve')
  await e.noBarriers(hand)
  await hand.getByLabel('登录代码').fill(code)
  await e.press(hand, '查看')
  assert.equal(await hand.locator('.match').innerText(), match)
  await e.noBarriers(hand)
  await e.press(hand, '同意登录')
  await e.says(hand, '已同意')
  await screen.waitForURL(u => u.pathname === '/my/devices', { timeout: 10000 })
  await e.says(screen, '扫码')
  for (const p of [screen, hand]) { p.calm(); await p.context().close() }
})

alone('a staff page locks after fifteen idle minutes and keeps what was typed', async () => {
  const p = await someone('staff:he-jing')
  await withKey(p)
  await addKey(p, '窗口电脑')
  await p.clock.install()
  await p.goto('/window/new/food-licence-new')
  const field = p.locator('main input[type=text], main input:not([type])').first()
  await field.fill('贺怀仁')
  await p.clock.fastForward('15:05')
  await p.locator('dialog.lock[open]').waitFor()
  await p.clock.setSystemTime(new Date())
  await p.locator('dialog.lock').getByRole('button', { name: '用通行密钥解锁' }).waitFor()
  await e.noBarriers(p)
  const shut = await p.request.get('/desk/cases', { maxRedirects: 0 })
  assert.equal(shut.status(), 303, 'the server has locked the session too')
  await p.locator('dialog.lock').getByRole('button', { name: '用通行密钥解锁' }).click()
  for (let i = 0; i < 20 && await p.locator('dialog.lock').count(); i++) { await p.clock.runFor(200); await new Promise(r => setTimeout(r, 100)) }
  assert.equal(await p.locator('dialog.lock').count(), 0)
  assert.equal(await field.inputValue(), '贺怀仁')
  assert.equal((await p.request.get('/desk/cases', { maxRedirects: 0 })).status(), 200)
  p.calm()
  await p.context().close()
})

const faces = {
  visitor: [undefined, ['/sign-in', '/sign-in/password', '/sign-in/passkey', '/sign-in/certificate', '/sign-in/staff', '/sign-in/recover', '/account-ended']],
  person: [he, ['/sign-in?fresh=1', '/sign-in/step-up?level=3', '/sign-in/step-up?fresh=1&level=2&next=/my/security', '/my/security', '/my/security/password', '/my/security/sign-password', '/my/security/app', '/my/security/recovery', '/my/security/passkeys/new', '/my/devices', '/my/phone',
    '/my/mandates', '/my/mandates/new', '/my/mandates/guardian', '/my/consents', '/my/access', '/my/complaints', '/my/data', '/my/data/erase', '/approve']],
  firm: [lin, ['/my/agents', '/my/mandates', '/my/mandates/new', '/my/consents'], '清澜小满餐饮有限公司'],
  security: ['staff:qin-zhuo', ['/my/security', '/my/devices', '/admin/clients', '/admin/clients/new', '/admin/providers', '/admin/providers/new', '/admin/proposals', '/admin/imports/new', '/admin/staff', '/admin/staff/su-qing']],
  auditor: ['staff:bai-lu', ['/privacy/complaints', '/privacy/delays', '/privacy/delays/new']],
  window: ['staff:he-jing', ['/window/mandates', '/window/identity']],
}

for (const [name, [account, paths, firm]] of Object.entries(faces)) {
  alone(`the new pages of: ${name}`, async () => {
    const found = []
    await Promise.all([['phone', e.phone], ['desktop', e.desktop]].map(async ([face, device]) => {
      const p = await someone(account, device)
      if (firm) await e.actFor(p, firm)
      for (const at of paths) {
        const answer = await p.goto(at)
        if (answer.status() !== 200) found.push(`${at}: ${answer.status()}`)
        for (const x of await e.faults(p)) found.push(`${face} ${at}: ${x}`)
      }
      try { p.calm() } catch (err) { found.push(`${face}: ${err.message}`) }
      await p.context().close()
    }))
    assert.deepEqual(found, [])
  })
}
