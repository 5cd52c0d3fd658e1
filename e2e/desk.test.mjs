// The officer's desk by keyboard: cases one after the other, a saved filter, an act on many at once, text that outlives the session and a
// colleague's act, a note, a phrase, a message and an urge.
import { after, before } from 'node:test'
import assert from 'node:assert/strict'
import * as e from './lib.mjs'
import { foodDraft, foodForm, foodMaterials, saveFood } from './food.mjs'

const test = e.stages()
const faults = [] // of pages on the way, told at the end, so that a wrong colour does not hide a broken flow
const cases = []
let city, browser, me, zhou, feng

before(async () => { city = await e.startCity(); browser = await e.startBrowser() })
after(async () => { await browser?.close(); await city?.stop() })

async function staff(key, at, device = e.desktop) {
  const page = await e.visitor(browser, city, device)
  page.context().setDefaultTimeout(20000)
  await e.signIn(page, `staff:${key}`, at)
  return page
}

async function look(page, where) {
  for (const x of await e.faults(page)) faults.push(`${where}: ${x}`)
}

// key presses keys one after the other; land presses one that leads to another page.
const key = async (page, ...ks) => { for (const k of ks) await page.keyboard.press(k) }
async function land(page, k, where) {
  await Promise.all([page.waitForURL(where), page.keyboard.press(k)])
  await page.waitForLoadState('load')
}
const caseOf = page => page.url().match(/\/desk\/cases\/([0-9a-f-]{36})/)?.[1]

test('a firm applies twice, and the window receives both at once', async () => {
  me = await e.visitor(browser, city, e.phone)
  me.context().setDefaultTimeout(20000)
  await e.signIn(me, 'person:19900000101')
  await e.actFor(me, '清澜小满餐饮有限公司')
  for (let i = 0; i < 2; i++) {
    const draft = await foodDraft(me)
    for (const section of Object.keys(foodForm)) await saveFood(me, draft, section)
    await foodMaterials(me, draft)
    await me.goto(`/drafts/${draft}/check`)
    await e.press(me, '提交申请')
    cases.push(new URL(me.url()).pathname.match(/cases\/([^/]+)/)[1])
  }
  const su = await staff('su-qing', '/desk/cases')
  await su.locator('[data-pick-all]').check()
  await e.says(su, '2 / 2')
  await su.locator('#batch-act').selectOption('receive')
  await e.press(su, su.locator('.desk-batch button'))
  await e.press(su, '办理这 2 件')
  await e.says(su, '已办理 2 件，未办理 0 件')
  assert.equal(await su.locator('tbody tr').count(), 2, 'a result for each case')
  await look(su, 'result of an act on many')
  await su.context().close()
})

test('an officer works them by keyboard', async () => {
  zhou = await staff('zhou-min', '/desk/cases')
  await key(zhou, '?')
  await zhou.locator('dialog#desk-keys[open]').waitFor()
  await key(zhou, 'j') // an open dialog takes no keys for the list
  await key(zhou, 'Escape')
  await key(zhou, 'j', 'j', 'k')
  const first = await zhou.evaluate(() => document.activeElement.href)
  assert.match(first ?? '', /\/desk\/cases\//, 'j leads into the list')
  await land(zhou, 'Enter', /\/desk\/cases\/[0-9a-f-]{36}/)
  const seen = [caseOf(zhou)]
  await land(zhou, 'n', u => !u.pathname.includes(seen[0]) && /[0-9a-f-]{36}$/.test(u.pathname))
  seen.push(caseOf(zhou))
  assert.deepEqual([...seen].sort(), [...cases].sort(), 'n leads along the list')
  await land(zhou, 'p', u => u.pathname.endsWith(seen[0]))
  await land(zhou, 'n', u => u.pathname.endsWith(seen[1]))
  await key(zhou, 'a')
  assert.match(await zhou.evaluate(() => document.activeElement.textContent.trim()), /受理/)
  await land(zhou, 'Enter', /\/accept/)
  await key(zhou, 'a')
  await land(zhou, 'Enter', /done=accept/)
  await e.says(zhou, '已完成', '办理下一件')
  await look(zhou, 'a case that was accepted')
  await land(zhou, 'n', u => !u.pathname.includes(seen[1]))
  await land(zhou, 'u', /\/desk\/cases\?/)
  await zhou.goto('/desk/keys')
  await e.press(zhou, '关闭快捷键')
  await zhou.goto('/desk/cases')
  await key(zhou, 'j')
  assert.equal(await zhou.evaluate(() => document.activeElement.matches('a[data-open]')), false, 'keys are off')
  await zhou.goto('/desk/keys')
  await e.press(zhou, '开启快捷键')
  zhou.calm()
})

test('she keeps a filter and accepts many at once, each with its result', async () => {
  await zhou.goto('/desk/cases?tab=todo&kind=firm&days=10')
  await zhou.getByText('保存和管理筛选').click()
  await zhou.getByLabel('筛选名称').fill('企业十日内到期')
  await e.press(zhou, '保存当前筛选')
  await e.says(zhou, '筛选已保存', '企业十日内到期')
  for (const id of cases) await zhou.goto(`/desk/cases/${id}`) // what is judged must have been seen as it is
  await zhou.goto('/desk/cases?tab=todo')
  await key(zhou, 'j', 'x', 'j', 'x', 'b')
  assert.equal(await zhou.locator('input[name=case]:checked').count(), 2)
  await zhou.locator('#batch-act').selectOption('accept')
  await e.press(zhou, zhou.locator('.desk-batch button'))
  await e.says(zhou, '可以办理', '不能一并办理')
  await look(zhou, 'question of an act on many')
  await e.press(zhou, '办理这 1 件')
  await e.says(zhou, '已办理 1 件，未办理 0 件')
})

test('text outlives the session', async () => {
  const at = `/desk/cases/${cases[0]}/opinion`
  await zhou.goto(at)
  await zhou.locator('textarea[name=text]').fill('主体资格有效，')
  await e.autosaved(zhou)
  await zhou.context().clearCookies()
  await zhou.locator('textarea[name=text]').fill('主体资格有效，后面这句没有保存就掉线了。')
  await zhou.locator('form[data-state="failed"]').waitFor()
  await zhou.evaluate(() => { window.onbeforeunload = null })
  zhou.once('dialog', d => d.accept())
  const other = await e.tab(zhou)
  await e.signIn(other, 'staff:zhou-min', at)
  await e.says(other, '没有提交，已为您保留')
  assert.match(await other.locator('textarea[name=text]').inputValue(), /^主体资格有效，/)
  await zhou.locator('form[data-state="saved"]').waitFor() // the first tab saves again by itself
  await other.reload()
  assert.equal(await other.locator('textarea[name=text]').inputValue(), '主体资格有效，后面这句没有保存就掉线了。')
  await look(other, 'an opinion that was kept')
  await other.close()
})

test('a phrase, a private note, and a colleague who was faster', async () => {
  await zhou.goto('/desk/phrases')
  await zhou.getByLabel('名称').fill('材料齐全')
  await zhou.locator('textarea[name=text]').fill('{事项}材料齐全，符合法定形式。')
  await e.press(zhou, zhou.locator('form[action="/desk/phrases"] button.primary'))
  await zhou.goto(`/desk/cases/${cases[1]}`)
  await key(zhou, 'r')
  await zhou.keyboard.type('周三再核对平面图')
  await e.press(zhou, '添加备注')
  await e.says(zhou, '周三再核对平面图')
  await look(zhou, 'a case with a note')
  await zhou.goto(`/desk/cases/${cases[1]}/opinion`)
  for (const r of await zhou.locator('input[type=radio][name^="check."][value=pass]').all()) await r.check()
  await zhou.locator('input[name=outcome][value=pass]').check()
  await zhou.locator('textarea[name=text]').focus()
  await key(zhou, 'F2', 'Enter')
  const typed = await zhou.locator('textarea[name=text]').inputValue()
  assert.match(typed, /食品经营许可.*材料齐全/)
  feng = await staff('feng-li', `/desk/cases/${cases[1]}`)
  await e.silent(feng, '周三再核对平面图')
  await e.press(feng, feng.locator('section.acts').getByRole('button', { name: '签收办理' }))
  await e.press(zhou, '提交意见', 409)
  await e.says(zhou, '冯砺', '您填写的内容还在下面')
  assert.equal(await zhou.locator('textarea[name=text]').inputValue(), typed)
  await look(zhou, 'a colleague was faster')
})

test('the applicant writes, the supervisor urges, the officer answers both', async () => {
  await me.goto(`/my/cases/${cases[0]}/messages`)
  await me.locator('#talk textarea').first().fill('现场核查需要准备什么？')
  await e.press(me, '发送留言')
  await look(me, 'messages of the applicant')
  const gu = await staff('gu-wei', `/supervision/cases/${cases[0]}`)
  await e.press(gu, gu.getByRole('link', { name: '查看与申请人的沟通，催办这个办件' }))
  await gu.locator('#talk').getByLabel('想说明的情况').fill('请尽快安排现场核查。')
  await e.press(gu, '催办')
  await look(gu, 'the supervisor urged')
  await gu.context().close()
  await zhou.goto('/desk/cases?tab=doing')
  const row = zhou.locator('tbody tr', { hasText: '条未读留言' })
  assert.match(await row.innerText(), /被催办/)
  await look(zhou, 'the list with marks')
  await zhou.goto('/desk/notices')
  await e.says(zhou, '催办')
  await look(zhou, 'notices')
  await zhou.goto(`/desk/cases/${cases[0]}/messages`)
  await e.says(zhou, '现场核查需要准备什么？', '等待答复')
  await zhou.locator('#talk').getByLabel('答复内容').fill('已安排明天上午核查。')
  await e.press(zhou, '发送答复')
  await e.says(zhou, '已答复', '已安排明天上午核查。')
  await zhou.locator('#talk form[enctype] textarea').fill('请准备健康证明和平面图。')
  await e.press(zhou, '发送留言')
  await look(zhou, 'messages of the officer')
  await me.reload()
  await e.says(me, '请准备健康证明和平面图。')
  zhou.calm()
  me.calm()
})

test('no page of the way has barriers on a phone and in elder mode', async () => {
  const phone = await staff('feng-li', '/desk/cases', e.phone)
  const way = ['/desk/cases?tab=todo', `/desk/cases/${cases[1]}`, `/desk/cases/${cases[1]}?pane=files`, `/desk/cases/${cases[1]}/opinion`, '/desk/notices', '/desk/unsent', '/desk/phrases', '/desk/enter']
  for (const at of way) { await phone.goto(at); await look(phone, `${at} on a phone`) }
  await e.elder(phone)
  for (const at of way.slice(0, 4)) { await phone.goto(at); await look(phone, `${at} for elders`) }
  phone.calm()
  assert.deepEqual(faults, [])
})
