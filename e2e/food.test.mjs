// A firm's food licence on a phone, from sign-in to rating, with every officer it meets.
import { after, before, test as alone } from 'node:test'
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as e from './lib.mjs'
import { foodAnswers, foodForm, saveFood, scenario } from './food.mjs'

const firm = '清澜小满餐饮有限公司'
const test = e.stages()
let city, browser, owner, draft, number, code, caseURL

before(async () => { city = await e.startCity(); browser = await e.startBrowser() })
after(async () => { await browser?.close(); await city?.stop() })

// officer opens a desk of one member of staff, and closes it.
async function officer(key, at, work) {
  const page = await e.visitor(browser, city, e.desktop)
  await e.signIn(page, `staff:${key}`, at)
  await work(page)
  page.calm()
  await page.context().close()
}

// atDesk opens the case by its number in the inbox.
async function atDesk(page, tab = '') {
  await page.goto('/desk/cases' + tab)
  await page.getByRole('link', { name: number }).click()
  await page.waitForURL(/\/desk\/cases\/[0-9a-f-]+(\?|$)/)
  await e.says(page, number.slice(0, 4), firm)
}

// act opens the page of an act, or does at once what has no page.
const act = (page, name) => e.press(page, page.locator('section.acts').getByRole(/^(收件|签收办理)$/.test(name) ? 'button' : 'link', { name, exact: true }))

alone('a new person signs in by phone and code, and proves her name', async () => {
  const page = await e.visitor(browser, city)
  await page.goto('/sign-in')
  await page.getByLabel('手机号').fill('1990000010')
  await e.press(page, '获取验证码', 422)
  assert.match(await page.title(), /^错误：/)
  await page.getByLabel('手机号').fill('19900000106')
  await e.press(page, '获取验证码')
  await page.getByLabel('验证码').fill('000000')
  await e.press(page, '登录', 422)
  await page.getByLabel('验证码').fill((await e.lastSMS(page, '19900000106')).match(/\d{6}/)[0])
  await e.press(page, page.locator('main').getByRole('button', { name: '登录', exact: true }))
  await page.goto('/apply/elder-card')
  await page.getByLabel('姓名').fill('次仁卓玛')
  await page.getByLabel('证件号码').fill('580324199207080062')
  await e.press(page, page.locator('main form button').first(), 422)
  await e.says(page, '与人口库的记录对不上')
  assert.equal(await page.getByLabel('姓名').inputValue(), '次仁卓玛', 'typed text survives')
  await page.getByLabel('姓名').fill('次仁卓嘎')
  await e.press(page, page.locator('main form button').first())
  await page.goto('/my')
  await e.says(page, '次')
  page.calm()
  await page.context().close()
})

test('the owner signs in and acts for her firm', async () => {
  owner = await e.visitor(browser, city)
  await owner.goto('/apply/food-licence-new')
  assert.match(owner.url(), /\/sign-in\?next=/)
  await owner.getByLabel('手机号').fill('19900000101')
  await e.press(owner, '获取验证码')
  await owner.getByLabel('验证码').fill((await e.lastSMS(owner, '19900000101')).match(/\d{6}/)[0])
  await e.press(owner, owner.locator('main').getByRole('button', { name: '登录', exact: true }))
  assert.equal(new URL(owner.url()).pathname, '/apply/food-licence-new', 'sign-in leads back to where it was asked')
  await e.press(owner, owner.getByRole('link', { name: '切换申请人' }))
  await e.press(owner, owner.getByRole('row', { name: firm }).getByRole('button'))
  await owner.goto('/apply/food-licence-new')
  await e.says(owner, firm)
  await e.press(owner, '开始申请')
  draft = owner.url().match(/\/drafts\/([0-9a-f-]+)\//)[1]
})

test('scenario questions stop her where a filing is enough, and let her go back', async () => {
  await scenario(owner, { kind: '1', prepacked_only: 'yes' })
  await e.says(owner, '您不用办这个许可，办备案就可以')
  assert.equal(await owner.getByRole('link', { name: '去办理应办的事项' }).getAttribute('href'), '/items/prepacked-filing')
  await scenario(owner, { ...foodAnswers, building: 'residential' })
  await e.says(owner, '大气污染防治法第八十一条')
  await scenario(owner, { building: 'business' })
  await e.silent(owner, '大气污染防治法第八十一条', '办备案就可以')
  await e.press(owner, '保存并继续')
})

alone('answers clicked faster than the line answers are all kept', async () => {
  const page = await e.tab(owner)
  await page.goto(`/apply/food-licence-new`)
  await e.press(page, '另填一份新的')
  const other = page.url().match(/\/drafts\/([0-9a-f-]+)\//)[1]
  await page.route('**/questions', async r => { await new Promise(f => setTimeout(f, 700)); await r.continue() })
  for (const [k, v] of [['kind', '2'], ['vending', 'no'], ['size', 'small']]) await page.locator(`input[name="scenario.${k}"][value="${v}"]`).check()
  await page.locator('input[name="scenario.special_room"]').first().waitFor()
  await e.settled(page)
  const chosen = () => page.locator('input[type=radio]:checked').evaluateAll(rs => rs.map(r => `${r.name}=${r.value}`).sort())
  assert.deepEqual(await chosen(), ['scenario.kind=2', 'scenario.size=small', 'scenario.vending=no'])
  await page.unroute('**/questions')
  await page.goto(`/drafts/${other}/discard`)
  await e.press(page, '删除草稿')
  await page.close()
})

test('autosave keeps what was typed; a second tab is told, sees the difference and keeps its own', async () => {
  const at = `/drafts/${draft}/form/premises`
  await owner.goto(at)
  assert.equal(await owner.getByLabel('经营场所地址').inputValue(), '清澜市清江区望江街道石栏路58号一层')
  await e.says(owner, '已带出：市场主体库')
  const second = await e.tab(owner)
  await second.goto(at)
  await owner.getByLabel('门店名称（招牌）').fill('小满小厨')
  await e.autosaved(owner)
  await owner.reload()
  assert.equal(await owner.getByLabel('门店名称（招牌）').inputValue(), '小满小厨')
  await second.getByLabel('门店名称（招牌）').fill('小满食堂')
  await second.locator('form[data-state="conflict"]').waitFor()
  await e.press(second, '查看两份内容的差别', 409)
  await e.says(second, '小满小厨', '小满食堂')
  await e.noBarriers(second)
  await e.press(second, '保留我刚填写的')
  await owner.goto(at)
  assert.equal(await owner.getByLabel('门店名称（招牌）').inputValue(), '小满食堂')
  second.calm()
  await second.close()
})

test('the form: wrong values are named and kept, right ones go on', async () => {
  await owner.goto(`/drafts/${draft}/form/people`)
  await owner.getByLabel('食品安全管理员姓名').fill('林小满')
  await owner.getByLabel('食品安全管理员证件号码').fill('580102199605182648')
  await owner.getByLabel('食品安全管理员手机号').fill('123')
  await e.press(owner, '保存并继续', 422)
  assert.match(await owner.title(), /^错误：/)
  await e.says(owner, /校验位不对/)
  assert.equal(await owner.getByLabel('食品安全管理员证件号码').inputValue(), '580102199605182648')
  await e.noBarriers(owner)
  await e.fitsTheScreen(owner)
  for (const section of Object.keys(foodForm)) await saveFood(owner, draft, section)
  await owner.goto(`/drafts/${draft}`)
  await e.says(owner, '还有 1 项要完成')
})

test('materials: what is no document is refused in clear words, a real one taken, the rest comes from the register', async () => {
  await owner.goto(`/drafts/${draft}/materials`)
  const box = () => owner.locator('[data-upload-box]').first()
  const pick = (name, mimeType, buffer) => box().locator('input[type=file]').setInputFiles({ name, mimeType, buffer })
  await pick('平面图.pdf', 'application/pdf', Buffer.concat([Buffer.from('MZ\x90\x00\x03\x00\x00\x00', 'latin1'), Buffer.alloc(4000)]))
  await box().locator('.field-error').waitFor()
  await e.says(owner, /实际是程序/)
  await e.noBarriers(owner)
  const big = join(city.dir, '很大的平面图.pdf')
  writeFileSync(big, Buffer.concat([e.pdf(), Buffer.alloc(22 << 20, 32)]))
  await box().locator('input[type=file]').setInputFiles(big)
  await owner.waitForFunction(() => /20 ?MB|太大|过大/.test(document.querySelector('[data-upload-box] .field-error, [data-upload-box] [data-state=failed] [data-upload-text]')?.textContent ?? ''))
  await pick('平面图.pdf', 'application/pdf', e.pdf())
  await box().getByText('已上传').waitFor()
  await e.says(owner, '平面图.pdf')
  for (const name of ['营业执照或者其他主体资格证明', '法定代表人（负责人、经营者）身份证件']) await e.press(owner, owner.locator('section', { hasText: name }).getByRole('button', { name: '使用选中的证照' }))
  await e.says(owner, '已从证照库调用', '必交材料已齐全')
  await e.press(owner, owner.getByRole('link', { name: '继续下一步' }))
})

test('she checks her answers, sends them and holds a receipt', async () => {
  await owner.goto(`/drafts/${draft}`)
  await e.says(owner, '各项都已完成')
  await owner.goto(`/drafts/${draft}/check`)
  await e.says(owner, '小满食堂', '120', '三联水池', '平面图.pdf', '行政许可法第七十八条')
  await e.noBarriers(owner)
  await e.press(owner, '提交申请')
  assert.match(owner.url(), /\/my\/cases\/[0-9a-f-]+\/receipt/)
  caseURL = new URL(owner.url()).pathname.replace('/receipt', '')
  const text = await e.main(owner)
  number = text.match(/办件编号\s+(\S+)/)[1]
  code = text.match(/查询码\s+(\S+)/)[1]
  assert.ok(await owner.locator('main svg').count(), 'the receipt has a QR code')
  await e.until(owner, caseURL, async () => await owner.getByRole('link', { name: /收件凭证|回执/ }).count() > 0)
  await owner.goto(`/drafts/${draft}/check`)
  assert.equal(await owner.getByRole('button', { name: '提交申请' }).count(), 0, 'what is sent is not sent again')
})

test('the window receives; the reviewer finds two faults and tells them once', async () => {
  await officer('su-qing', '/desk/cases', async page => { await atDesk(page); await act(page, '收件'); await e.says(page, '已完成：收件') })
  await officer('zhou-min', '/desk/cases', async page => {
    await atDesk(page)
    await act(page, '一次性告知补正')
    await e.press(page, '发出补正通知', 422)
    await e.says(page, '请至少勾选一项')
    const place = async (name, words) => {
      await page.getByRole('checkbox', { name: new RegExp('^' + name) }).check()
      await page.getByLabel(`“${name}”要怎么改`).fill(words)
    }
    await place('就餐座位数', '与平面图上的40座不一致，请核对。')
    await place('主要设备设施、经营布局、操作流程文件', '平面图没有标出洗手池的位置。')
    await e.press(page, '发出补正通知')
  })
})

test('the applicant sees exactly what is wrong, amends only that and sends it again', async () => {
  await owner.goto(caseURL)
  const list = owner.locator('.notice.danger li')
  assert.equal(await list.count(), 2)
  await e.says(owner, '与平面图上的40座不一致', '平面图没有标出洗手池的位置')
  await e.noBarriers(owner)
  await e.press(owner, owner.getByRole('link', { name: '去补正' }))
  await e.says(owner, '就餐座位数', '与平面图上的40座不一致')
  await owner.goto(`/drafts/${draft}/form/premises`)
  await owner.getByLabel('就餐座位数').fill('40')
  await e.press(owner, '保存并继续')
  await owner.goto(`/drafts/${draft}/materials`)
  await owner.locator('[data-upload-box] input[type=file]').first().setInputFiles({ name: '平面图二版.png', mimeType: 'image/png', buffer: e.png() })
  await owner.locator('[data-upload-box]').first().getByText('平面图二版.png').first().waitFor()
  await owner.goto(`/drafts/${draft}/check`)
  await e.press(owner, '提交补正')
  await e.says(owner, '补正')
})

test('the reviewer sees every difference, accepts and gives an opinion', async () => {
  await officer('zhou-min', '/desk/cases', async page => {
    await atDesk(page)
    const diff = page.locator('section', { hasText: '与上次提交相比' })
    await diff.getByText('就餐座位数').first().waitFor()
    assert.match(await diff.innerText(), /36[\s\S]*40/)
    assert.match(await diff.innerText(), /平面图二版\.png/)
    await act(page, '受理')
    await e.says(page, '8 个工作日', '10 个工作日')
    await e.press(page, '受理')
    await act(page, '填写审查意见')
    await e.press(page, '提交意见', 422)
    for (const r of await page.locator('input[type=radio][name^="check."][value=pass]').all()) await r.check()
    await page.locator('input[name=outcome][value=pass]').check()
    await page.getByLabel('意见内容').fill('主体资格和材料符合要求。')
    await e.press(page, '提交意见')
  })
})

test('two officers inspect; the reviewer may not decide', async () => {
  await officer('zhou-min', '/desk/cases', async page => {
    await atDesk(page)
    await act(page, '登记现场核查')
    for (const r of await page.locator('input[type=radio][name^="check."][value=pass]').all()) await r.check()
    await page.getByLabel('核查结论').fill('2026年11月现场核查，店主在场，符合要求。')
    await page.locator('input[name=photo]').setInputFiles([{ name: '后厨.png', mimeType: 'image/png', buffer: e.png(48, 90) }])
    await e.press(page, '上传照片')
    await e.says(page, '后厨.png')
    assert.equal(await page.getByLabel('核查结论').inputValue(), '2026年11月现场核查，店主在场，符合要求。', 'an upload keeps what is written')
    await page.locator('select[name=second]').selectOption('')
    await e.press(page, '提交核查记录', 422)
    await e.says(page, '两名以上工作人员')
    await page.locator('select[name=second]').selectOption({ label: '冯砺' })
    await e.press(page, '提交核查记录')
    assert.equal(await page.getByRole('link', { name: /^作出.*决定$/ }).count(), 0, 'who reviewed does not decide')
    const answer = await page.goto(new URL(page.url()).pathname + '/decide')
    assert.ok(answer.status() >= 403 || /不能|不得|不在这个岗位/.test(await e.main(page)), `the reviewer opens the decision: ${answer.status()}`)
  })
})

test('the deciding officer grants; the licence comes', async () => {
  await officer('lu-zheng', '/desk/cases', async page => {
    await atDesk(page)
    await e.says(page, '主体资格和材料符合要求', '冯砺', '周敏', '核查通过')
    await act(page, /^作出.*决定$/)
    await page.locator('input[name=outcome][value^=grant]').check()
    await e.press(page, '作出决定')
    await e.says(page, '准予')
  })
  await e.until(owner, caseURL, async () => await owner.getByRole('link', { name: '查看证照' }).count() > 0)
  await e.says(owner, '准予')
})

test('the licence is real, and one changed byte is seen', async () => {
  await owner.getByRole('link', { name: '查看证照' }).click()
  await e.until(owner, owner.url(), async () => await owner.getByRole('link', { name: /下载/ }).count() > 0)
  const [download] = await Promise.all([owner.waitForEvent('download'), owner.getByRole('link', { name: /下载/ }).click()])
  assert.match(download.suggestedFilename(), /食品经营许可证.*\.pdf$/)
  const good = join(city.dir, 'licence.pdf'), bad = join(city.dir, 'flipped.pdf')
  await download.saveAs(good)
  const bytes = readFileSync(good)
  assert.equal(bytes.subarray(0, 5).toString(), '%PDF-')
  const anyone = await e.visitor(browser, city)
  await anyone.goto('/verify')
  await anyone.getByLabel(/选择|PDF/).first().setInputFiles(good)
  await e.press(anyone, anyone.locator('form[enctype] button').first())
  await e.says(anyone, '签章真实，内容没有被改动，证照在有效期内', '测试证照', '食品经营许可证')
  await e.noBarriers(anyone)
  const offline = JSON.parse((await e.tongban('verify', '--json', ...city.register, good)).stdout)
  assert.equal(offline.status, 'valid'); assert.equal(offline.test, true)
  bytes[bytes.length >> 1] ^= 1
  writeFileSync(bad, bytes)
  await anyone.goto('/verify')
  await anyone.locator('input[name=file]').setInputFiles(bad)
  await e.press(anyone, anyone.locator('form[enctype] button').first())
  await e.says(anyone, '疑似伪造')
  const forged = await e.tongban('verify', '--json', ...city.register, bad)
  assert.equal(forged.code, 1); assert.equal(JSON.parse(forged.stdout).status, 'forged')
  await anyone.goto('/lookup')
  await anyone.getByLabel('办件编号').fill(number)
  await anyone.getByLabel('查询码').fill(code)
  await e.press(anyone, '查询进度')
  await e.silent(anyone, '林小满', '19900000101', '石栏路', '580102199605182647')
  await e.says(anyone, '食品经营许可')
  anyone.calm()
  await anyone.context().close()
})

test('progress, messages, rating, and who looked', async () => {
  await owner.goto(caseURL)
  await e.says(owner, '准予行政许可决定书', '受理通知书', '补正')
  await e.noBarriers(owner); await e.fitsTheScreen(owner)
  await owner.goto('/my/messages')
  await e.says(owner, '需要补正材料', '已受理', '办理结果：准予许可', '证照已发')
  await e.noBarriers(owner)
  await owner.goto(`${caseURL}/rate`)
  await e.press(owner, '提交评价', 422)
  await owner.locator('input[name=grade][value="1"]').check()
  await owner.locator('textarea').fill('一次讲清，很快。')
  await e.press(owner, '提交评价')
  await e.says(owner, '感谢您的评价')
  await owner.goto('/my/access?of=firm')
  await e.noBarriers(owner)
  const officers = new Set()
  for (let next; ;) {
    for (const name of (await e.main(owner)).match(/(陆\*言|周\*|冯\*|苏\*)/g) ?? []) officers.add(name)
    next = owner.getByRole('link', { name: '下一页' })
    if (!await next.count()) break
    await e.press(owner, next)
  }
  assert.deepEqual([...officers].sort(), ['周*', '苏*', '陆*言'].sort(), 'who opened the case is told, by unit and masked name')
  owner.calm()
})

test('the supervisor sees the case and its clock, and cannot touch it', async () => {
  await officer('gu-wei', '/supervision', async page => {
    await e.says(page, number)
    await page.getByRole('link', { name: number }).click()
    await page.waitForLoadState()
    await e.says(page, '食品经营许可')
    assert.equal(await page.locator('main form').count(), 0, 'read only')
    assert.equal((await page.goto(caseURL.replace('/my/', '/desk/'))).status() >= 403, true)
  })
})
