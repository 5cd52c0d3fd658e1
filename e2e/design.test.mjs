// A new item is made in the browser by clicks and typing, checked by a second person and by legal review, published, applied for, decided, and its
// licence verified. Its folder goes to another city and is the same there. Two people at one form, a deleted question, and the keyboard alone.
import { after, before } from 'node:test'
import assert from 'node:assert/strict'
import { join } from 'node:path'
import * as e from './lib.mjs'
import * as d from './design/designers.mjs'
import { handOf } from './design/hand.mjs'
import { contents } from './design/zip.mjs'
import { compose, elements, key, name } from './design/stall.mjs'

const test = e.stages()
const faults = [] // of pages on the way, told at the end, so that a wrong colour does not hide a broken flow
let city, browser, author, h, at, number, caseURL, licence

before(async () => { city = await e.startCity(); browser = await e.startBrowser() })
after(async () => { await browser?.close(); await city?.stop() })

async function staff(person, where, work, there = city) {
  const page = await e.visitor(browser, there, e.desktop)
  page.context().setDefaultTimeout(15000)
  await e.signIn(page, `staff:${person}`, where)
  const out = await work(page)
  page.calm()
  await page.context().close()
  return out
}

async function look(page, where) {
  await page.locator('[data-plain]').evaluateAll(xs => xs.forEach(x => x.remove())) // the text behind a designer is for who has no scripts
  for (const x of await e.faults(page)) faults.push(`${where}: ${x}`)
}

test('an item officer makes a new item by clicks and typing, in at most ten minutes', async t => {
  author = await e.visitor(browser, city, e.desktop)
  author.context().setDefaultTimeout(15000)
  await e.signIn(author, 'staff:qiao-bo', '/office/changes')
  h = handOf(author)
  await h.go('新建变更')
  await h.type('name', name)
  await h.type('key', key)
  await h.send('开始')
  at = new URL(author.url()).pathname
  await compose(h, at)
  t.diagnostic(`made ${name}: ${h.said()}`)
  assert.ok(h.seconds() <= 600 && h.person() <= 600, h.said())
  author.calm()
})

test('the check finds nothing that forbids to publish; the officer sends it', async () => {
  await h.go('检查')
  await e.says(author, '检查没有发现问题')
  await look(author, 'check')
  await h.go('看差别、送审和发布')
  await e.says(author, '岗位“食品许可审查岗”', '摊位面积', '未满十八周岁')
  await look(author, 'review')
  await h.send('送审')
  await e.says(author, '待复核')
})

test('who wrote it cannot pass it; a second person and legal review do', async () => {
  assert.equal(await author.getByRole('button', { name: '复核通过' }).count(), 0)
  for (const [person, button, next] of [['ning-ke', '复核通过', '待法制审核'], ['yan-heng', '法制审核通过', '已通过，待发布']]) {
    await staff(person, '/office/changes', async page => {
      await e.press(page, page.getByRole('link', { name }).first())
      await e.press(page, page.getByRole('link', { name: '看差别、送审和发布' }))
      await e.press(page, button)
      await e.says(page, next)
    })
  }
})

test('it is published, and found in everyday words at once', async () => {
  await author.goto(`${at}/review`)
  await publish(author)
  const anyone = await e.visitor(browser, city)
  await anyone.goto('/')
  await anyone.getByRole('combobox').first().fill('我想在夜市摆摊')
  await anyone.keyboard.press('Enter')
  await anyone.waitForURL(/\/items\?/)
  await anyone.getByRole('link', { name, exact: true }).first().click()
  await e.says(anyone, name, '3 个工作日', '不收费', '清澜市食品摊贩管理办法')
  await look(anyone, 'guide')
  anyone.calm()
  await anyone.context().close()
})

test('an applicant answers; what depends on an answer is asked only then', async () => {
  const owner = await e.visitor(browser, city)
  await e.signIn(owner, 'person:19900000101', `/apply/${key}`)
  await e.press(owner, '开始申请')
  const draft = owner.url().match(/\/drafts\/[0-9a-f-]+/)[0]
  await owner.goto(`${draft}/form/main`)
  assert.equal(await owner.getByLabel('姓名').inputValue(), '林小满', 'the library question is filled from the register')
  const smoke = owner.getByLabel('油烟怎样处理')
  assert.equal(await smoke.isVisible(), false, 'asked of those who fry only')
  await owner.getByLabel('石栏路夜市').check()
  await owner.getByLabel('煎炸烧烤').check()
  await smoke.fill('用带油烟净化的一体灶')
  await owner.getByLabel('摊位面积').fill('6')
  await e.press(owner, '保存并继续')
  await owner.goto(`${draft}/check`)
  await e.press(owner, '提交申请')
  number = (await e.main(owner)).match(/办件编号\s+(\S+)/)[1]
  caseURL = new URL(owner.url()).pathname.replace('/receipt', '')
  owner.calm()
  await owner.context().close()
})

// officer opens the case and acts.
const officer = (person, work) => staff(person, '/desk/cases', async page => {
  await page.getByRole('link', { name: number }).click()
  await page.waitForURL(/\/desk\/cases\/[0-9a-f-]+(\?|$)/)
  await work(page)
})
const act = (page, what) => e.press(page, page.locator('section.acts').getByRole(what === '收件' ? 'button' : 'link', { name: what, exact: true }))

test('the posts of the flow receive, accept, review, inspect and decide', async () => {
  await officer('su-qing', async page => {
    await act(page, '收件')
    await act(page, '受理')
    await e.says(page, '3 个工作日', '10 个工作日')
    await e.press(page, '受理')
  })
  await officer('zhou-min', async page => {
    await act(page, '填写审查意见')
    await page.locator('input[name=outcome][value=pass]').check()
    await page.getByLabel('意见内容').fill('符合条件。')
    await e.press(page, '提交意见')
    await act(page, '登记现场核查') // the branch of those who fry
    await page.getByLabel('核查结论').fill('摊位在划定区域内。')
    await page.locator('input[name=photo]').setInputFiles([{ name: '摊位.png', mimeType: 'image/png', buffer: e.png(48, 90) }])
    await e.press(page, '上传照片')
    await page.locator('select[name=second]').selectOption({ label: '冯砺' })
    await e.press(page, '提交核查记录')
    assert.equal(await page.getByRole('link', { name: /^作出.*决定$/ }).count(), 0)
  })
  await officer('lu-zheng', async page => {
    await act(page, /^作出.*决定$/)
    await page.locator('input[name=outcome][value^=grant]').check()
    await e.press(page, '作出决定')
    await e.says(page, '准予', '食品摊贩登记准予决定书')
  })
})

test('the licence made in the browser is real', async () => {
  const owner = await e.visitor(browser, city)
  await e.signIn(owner, 'person:19900000101', caseURL)
  await e.until(owner, caseURL, async () => await owner.getByRole('link', { name: '查看证照' }).count() > 0)
  await owner.getByRole('link', { name: '查看证照' }).click()
  await e.until(owner, owner.url(), async () => await owner.getByRole('link', { name: /下载/ }).count() > 0)
  const [download] = await Promise.all([owner.waitForEvent('download'), owner.getByRole('link', { name: /下载/ }).click()])
  licence = join(city.dir, 'stall.pdf')
  await download.saveAs(licence)
  await owner.goto('/verify')
  await owner.locator('input[name=file]').setInputFiles(licence)
  await e.press(owner, owner.locator('form[enctype] button').first())
  await e.says(owner, '签章真实，内容没有被改动，证照在有效期内', '食品摊贩登记卡', '2028-')
  const offline = JSON.parse((await e.tongban('verify', '--json', ...city.register, licence)).stdout)
  assert.equal(offline.status, 'valid')
  await e.until(owner, caseURL, /食品摊贩登记准予决定书[\s\S]*?下载/)
  owner.calm()
  await owner.context().close()
})

// change opens a change of the published item.
async function change(page) {
  await page.goto(`/office/changes/new?item=${key}`)
  await e.press(page, '开始')
  return new URL(page.url()).pathname
}
const form = where => `${where}/forms/stall_registration`
const question = (page, label) => page.locator('.d-question', { hasText: label }).first().locator('[data-act=row]')
const label = page => page.locator('.d-settings').getByLabel('题目', { exact: true })

// approved passes a change that was sent, and publishes it.
async function approved(to, there = city) {
  for (const [person, button] of [['ning-ke', '复核通过'], ['yan-heng', '法制审核通过']]) await staff(person, `${to}/review`, page => e.press(page, button), there)
  await staff('qiao-bo', `${to}/review`, publish, there)
}
async function publish(page) {
  await page.getByRole('button', { name: '现在发布' }).click()
  await e.press(page, page.locator('dialog[open]').getByRole('button', { name: '现在发布' }))
  await e.says(page, '已发布')
}

test('its folder, taken to another city, is the same item there', async () => {
  const [download] = await Promise.all([author.waitForEvent('download'), author.getByRole('link', { name: '导出事项包（zip）' }).click()])
  const folder = join(city.dir, 'stall.zip')
  await download.saveAs(folder)
  const guide = async there => {
    const page = await e.visitor(browser, there)
    await page.goto(`/items/${key}`)
    const text = await e.main(page)
    await page.context().close()
    return text
  }
  const other = await e.startCity()
  try {
    const to = await staff('qiao-bo', '/office/changes/new', async page => {
      await page.locator('main details summary', { hasText: '导入事项包' }).click()
      await page.locator('input[name=folder]').setInputFiles(folder)
      await e.press(page, '导入')
      const to = new URL(page.url()).pathname
      await page.goto(`${to}/review`)
      await e.press(page, '送审')
      return to
    }, other)
    await approved(to, other)
    assert.equal(await guide(other), await guide(city))
    const again = await staff('qiao-bo', to, async page => {
      const [second] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '导出事项包（zip）' }).click()])
      const file = join(other.dir, 'again.zip')
      await second.saveAs(file)
      return contents(file)
    }, other)
    assert.deepEqual(again, contents(folder), 'the folder exported there')
  } finally { await other.stop() }
})

test('two people at one form: the second sees both versions, and nothing is lost', async () => {
  at = await change(author)
  await author.goto(form(at))
  await d.ready(author)
  await staff('ning-ke', form(at), async second => {
    await d.ready(second)
    await question(author, '摊位面积').click()
    await label(author).fill('摊位占地面积')
    await author.locator('.d-bar[data-state=saved]').waitFor()
    await question(second, '摊位面积').click()
    await label(second).fill('摊位有多大')
    await question(second, '在哪里摆摊').click()
    await label(second).fill('想在哪里摆摊')
    const both = second.locator('dialog[open]')
    await both.waitFor()
    const text = await both.innerText()
    if (!text.includes('乔博文')) faults.push('two versions: nobody is told who saved')
    for (const w of ['摊位占地面积', '摊位有多大', '想在哪里摆摊']) assert.ok(text.includes(w), `the comparison does not show ${w}: ${text}`)
    await look(second, 'two versions')
    await both.locator('fieldset', { hasText: '摊位有多大' }).getByText('对方保存的版本').click()
    await both.getByRole('button', { name: '按选择合并并保存' }).click()
    await second.locator('.d-bar[data-state=saved]').waitFor()
  })
  await author.reload()
  await d.ready(author)
  assert.equal(await question(author, '摊位占地面积').count(), 1)
  assert.equal(await question(author, '想在哪里摆摊').count(), 1)
})

test('a condition that names a deleted question is told where it stands', async () => {
  await question(author, '卖什么').click()
  await author.locator('.d-question [data-act=delete]').click()
  assert.match(await author.locator('#live').textContent(), /油烟怎样处理/)
  await author.locator('.d-bar[data-state=saved]').waitFor()
  const place = author.locator('.d-problems li', { hasText: '油烟怎样处理' })
  await place.first().waitFor()
  assert.equal(await author.locator('.d-question', { hasText: '油烟怎样处理' }).locator('.field-error').count(), 1)
  await place.first().getByRole('button').click()
  assert.equal(await label(author).inputValue(), '油烟怎样处理', 'the finding leads to its question')
  await author.goto(`${at}/check`)
  await e.says(author, '检查发现 2 处问题', '申请表', '办理流程') // the flow asks it as well
  if (!(await e.main(author)).includes('油烟怎样处理')) faults.push('check: the finding does not say which question')
  await author.goto(`${at}/review`)
  await e.press(author, '送审', 422)
  await e.says(author, '检查发现 2 处问题')
  await author.goto(form(at))
})

test('without a mouse: a question is moved by keys, and heard', async () => {
  await d.ready(author)
  const until = async (what, on) => {
    for (let i = 0; i < 200; i++) {
      await author.keyboard.press('Tab')
      if (await author.evaluate(on)) return
    }
    assert.fail(`no way by keyboard to ${what}`)
  }
  await until('the question', () => document.activeElement.matches('.d-question [data-act=row]') && document.activeElement.textContent.includes('摊位占地面积'))
  await author.keyboard.press('Enter')
  await until('its button', () => document.activeElement.dataset.act === 'up')
  for (const n of ['第 4 题', '第 3 题']) {
    await author.keyboard.press('Enter')
    await author.waitForFunction(w => document.querySelector('#live').textContent.includes(w), n)
    assert.equal(await author.evaluate(() => document.activeElement.dataset.act), 'up', 'the focus stays on the button')
  }
  await author.locator('.d-bar[data-state=saved]').waitFor()
  author.calm()
})

test('suspended with a reason, it takes no new application and says why; what runs goes on', async () => {
  const to = await staff('qiao-bo', `/office/changes/new?item=${key}`, async page => {
    await page.locator('[name=act][value=suspend]').check()
    await page.locator('[name=reason]').fill('夜市改造，暂停登记到年底。')
    await e.press(page, '开始')
    const to = new URL(page.url()).pathname
    await page.goto(`${to}/review`)
    await look(page, 'review of a suspension')
    await e.press(page, '送审')
    return to
  })
  await approved(to)
  const owner = await e.visitor(browser, city)
  await e.signIn(owner, 'person:19900000101', `/items/${key}`)
  await e.says(owner, '暂停', '夜市改造，暂停登记到年底。')
  await look(owner, 'suspended guide')
  await owner.goto(`/apply/${key}`)
  const start = owner.getByRole('button', { name: /^(开始申请|另填一份新的)$/ })
  if (await start.count()) {
    faults.push('suspended: applying is offered')
    await e.press(owner, start, 409)
  }
  await e.says(owner, '夜市改造，暂停登记到年底')
  if ((await e.main(owner)).includes('。。')) faults.push('suspended: two full stops')
  await owner.goto(caseURL)
  await e.says(owner, '准予', '查看证照')
  owner.calm()
  await owner.context().close()
})

test('every page of making a service, on every screen', async () => {
  const pages = ['/office/changes', '/office/changes/new', `/office/changes/new?item=${key}`, at, ...Object.keys(elements).map(g => `${at}/item/${g}`), `${at}/rows/materials`, `${at}/rows/bases`, `${at}/rows/bases/0`,
    `${at}/samples`, `${at}/check`, `${at}/review`, form(at), `${at}/flows/stall_registration`, `${at}/papers/grant-${key}`, `${at}/licence-types/${key}`, `${at}/tables/${key}`, `${at}/items/${key}/scenario`]
  for (const [face, device] of Object.entries({ desktop: e.desktop, phone: e.phone, elder: e.phone })) {
    const page = await e.visitor(browser, city, device)
    page.context().setDefaultTimeout(15000)
    await e.signIn(page, 'staff:qiao-bo')
    if (face === 'elder') await e.elder(page)
    for (const where of pages) {
      const answer = await page.goto(where)
      if (answer.status() !== 200) faults.push(`${where} ${answer.status()}`)
      if (await page.locator('[data-designer]').count()) await d.ready(page)
      await look(page, `${face} ${where.replace(at, '')}`)
      try { page.calm() } catch (err) { faults.push(`${face} ${where}: ${err.message}`) }
    }
    await page.context().close()
  }
  assert.deepEqual([...new Set(faults)], [])
})
