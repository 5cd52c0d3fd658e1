// Finding a service in everyday words, with and without scripts; and the item office: lists that come in, their quality, the words people use, and the
// base directory that everybody follows.
import { after, before, test } from 'node:test'
import assert from 'node:assert/strict'
import * as e from './lib.mjs'
import { xlsx } from './design/sheet.mjs'

let city, browser
const faults = new Set() // of the pages on the way, told at the end

before(async () => { city = await e.startCity(); browser = await e.startBrowser() })
after(async () => { await browser?.close(); await city?.stop() })

async function anyone(work, device = e.phone, options) {
  const page = await e.visitor(browser, city, device, options)
  const out = await work(page)
  page.calm()
  await page.context().close()
  return out
}

const staff = (person, at, work) => anyone(async page => {
  page.context().setDefaultTimeout(15000)
  await e.signIn(page, `staff:${person}`, at)
  return work(page)
}, e.desktop)

async function look(page, where) {
  for (const x of await e.faults(page)) faults.add(`${where}: ${x}`)
}

const found = q => `/items?q=${encodeURIComponent(q)}`
const results = page => page.getByRole('list', { name: '事项列表' })

test('type-ahead by keyboard alone: pinyin, initials, characters', () => anyone(async page => {
  for (const [typed, want, href] of [['lnz', '老年人优待证申领', '/items/elder-card'], ['laonian', '老年人优待证申领', '/items/elder-card'], ['shipinj', '食品经营许可（新办）', '/items/food-licence-new'], ['食品经营', '食品经营许可（新办）', '/items/food-licence-new']]) {
    await page.goto('/')
    const box = page.getByRole('combobox').first()
    await box.focus()
    await page.keyboard.type(typed, { delay: 30 })
    const option = page.getByRole('option', { name: want, exact: true })
    await option.waitFor()
    assert.equal(await box.getAttribute('aria-expanded'), 'true')
    assert.match(await page.locator('#live').textContent(), /条建议/)
    if (typed === 'lnz') await look(page, 'type-ahead')
    await page.keyboard.press('Escape')
    assert.equal(await box.getAttribute('aria-expanded'), 'false')
    assert.equal(await box.inputValue(), typed, 'what was typed stays')
    await page.keyboard.type(' ')
    await page.keyboard.press('Backspace')
    await option.waitFor()
    for (let i = 0; i < 9 && await option.getAttribute('aria-selected') !== 'true'; i++) await page.keyboard.press('ArrowDown')
    assert.equal(await box.getAttribute('aria-activedescendant'), await option.getAttribute('id'))
    await page.keyboard.press('Enter')
    await page.waitForURL(u => u.pathname === href)
  }
}, e.desktop))

test('lay questions find the service, and each result says why', () => anyone(async page => {
  for (const [q, name, why] of [['我想开个小饭馆', '食品经营许可（新办）', /大家也叫它|因为|名称里有|通俗说法里有/], ['老人坐公交免费', '老年人优待证申领', /大家也叫它|因为|名称里有|通俗说法里有/], ['饭店消防检查', '公众聚集场所投入使用', /名称里有|大家也叫它|因为|通俗说法里有/]]) {
    await page.goto(found(q))
    const first = page.locator('main li', { hasText: name }).first()
    assert.ok(await first.count(), `${q} does not find ${name}: ${await e.main(page)}`)
    assert.match(await first.innerText(), why)
  }
  await look(page, 'results')
}))

test('a typing error is put right, said, and can be taken back', () => anyone(async page => {
  await page.goto(found('食品经营许克'))
  await e.says(page, '已按“食品经营许可”查找', '食品经营许可（新办）')
  await look(page, 'corrected')
  await e.press(page, page.getByRole('link', { name: '仍然查找“食品经营许克”' }))
  await e.silent(page, '已按“食品经营许可”查找')
  assert.match(page.url(), /exact/)
}))

test('traditional characters find the same', () => anyone(async page => {
  const names = async q => { await page.goto(found(q)); return page.locator('main li h2, main li h3').allInnerTexts() }
  const simple = await names('食品经营许可')
  assert.ok(simple.length > 0)
  assert.deepEqual(await names('食品經營許可'), simple)
}))

test('what is not there: the nearest, and the hotline', () => anyone(async page => {
  await page.goto(found('火星移民签证'))
  await e.says(page, '没有找到符合条件的事项', '12345')
  const text = await e.main(page)
  if (/共 [1-9]\d* 项/.test(text)) faults.add('nothing found: the page counts items all the same')
  if (text.includes('育儿补贴')) faults.add('nothing found: what is near nothing is called nearest')
  await look(page, 'nothing found')
  await page.goto(found('优代证'))
  await e.says(page, '老年人优待证申领')
}))

test('a person says where she lives, and comes back to her question', () => anyone(async page => {
  await page.goto(found('饭店'))
  await e.press(page, page.getByRole('link', { name: /选择我的地区/ }))
  for (const name of ['澜州省', '清澜市', '清江区']) {
    await look(page, `region ${name}`)
    await e.press(page, page.locator('main').getByRole('link', { name: new RegExp('^' + name) }).first())
  }
  await e.press(page, page.getByRole('button', { name: /清江区/ }))
  assert.equal(new URL(page.url()).searchParams.get('q'), '饭店')
  await e.says(page, '清江区')
  await page.goto('/')
  await e.says(page, '清江区')
}))

test('without scripts: search, correction, region', () => anyone(async page => {
  await page.goto('/')
  await page.getByRole('searchbox').or(page.getByRole('combobox')).first().fill('想开饭店')
  await e.press(page, page.locator('form[action="/items"] button').first())
  await e.says(page, '食品经营许可（新办）')
  await page.goto(found('食品经营许克'))
  await e.press(page, page.getByRole('link', { name: '仍然查找“食品经营许克”' }))
  await page.goto('/region')
  for (const name of ['澜州省', '清澜市', '清江区']) await e.press(page, page.locator('main').getByRole('link', { name: new RegExp('^' + name) }).first())
  await e.press(page, page.getByRole('button', { name: /清江区/ }))
  await page.goto('/items')
  await e.says(page, '清江区')
  await e.noBarriersPlain(page)
}, e.phone, { javaScriptEnabled: false }))

// a list as offices send them: a heading over the table, merged cells, a formula, a date in words, a code too short, a promise beyond the law, a row
// without a name, a script.
const head = ['事项名称', '实施主体', '事项类型', '基本编码', '办件类型', '法定办结时限', '承诺办结时限', '咨询电话', '最后修改']
const office = '清澜市清江区城市管理局'
const rows = [
  ['清江区停车管理事项清单（2026年）'], head,
  ['路边停车泊位使用备案', office, '行政许可', '000117013001', '承诺件', '10个工作日', '3个工作日', '0588-8602111', '2026-01-01'],
  ['夜间停车告知', null, '行政许可', '00011701300', '承诺件', '10个工作日', '15个工作日', '0588-8602111', null],
  ['停车场经营备案', office, '行政许可', '000117013003', '承诺件', { f: '10+5', v: '15' }, '3个工作日', '0588-8602111', null],
  [null, office, '行政许可', '000117013004', '承诺件', '10个工作日', '3个工作日', '0588-8602111', null],
  ['共享单车停放点公告<script>alert(1)</script>', office, '行政许可', '000117013005', '承诺件', '10个工作日', '3个工作日', '0588-8602111', null],
]
const list = xlsx(rows, ['B3:B4'])
const workbook = 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'

async function upload(page, name, mimeType, buffer, status) {
  await page.goto('/office/items/import')
  await page.locator('input[name=list]').setInputFiles({ name, mimeType, buffer })
  await e.press(page, '上传并检查', status)
}

// row finds a finding by its words and gives its cells.
const finding = async (page, words) => {
  const line = page.locator('main table tr', { hasText: words }).first()
  assert.ok(await line.count(), `no finding ${words}:\n${await e.main(page)}`)
  return line.locator('td, th').allInnerTexts()
}

test('a list with every fault: each told with row and column, nothing written before it is confirmed', () => staff('ning-ke', '/office/items/import', async page => {
  await look(page, 'import')
  await upload(page, '停车清单.xlsx', workbook, list)
  const at = page.url()
  await e.until(page, at, /检查报告/)
  for (const [words, row, column] of [['没有事项名称', '6', '事项名称'], ['合并单元格', '3–4', '实施主体'], ['单元格里是公式', '5', '法定办结时限'], ['00011701300', '4', ''], ['承诺时限 15 超过了法定时限 10', '4', ''], ['网页代码或者脚本', '7', '']]) {
    const cells = await finding(page, words)
    assert.ok(cells[2].includes(row) && cells[1].includes(column), `${words}: ${cells}`)
    if (/^[a-z_]+$/.test(cells[1].trim())) faults.add('import: a column of the file goes by a name of the machine')
  }
  await look(page, 'import report')
  await anyone(async other => { await other.goto(found('路边停车泊位')); await e.silent(other, '路边停车泊位使用备案') })
  await e.press(page, '确认导入')
  await e.until(page, at, /导入报告[\s\S]*【已导入】|已导入/)
  await look(page, 'import done')
  await anyone(async other => {
    await other.goto(found('路边停车泊位'))
    await e.says(other, '路边停车泊位使用备案', '未复核')
    await other.goto(found('共享单车停放'))
    assert.equal(await other.locator('main script:not([type="application/json"])').count(), 0)
  })
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: '下载全部问题（CSV）' }).click()])
  assert.match(file.suggestedFilename(), /\.csv$/)
}))

test('the same list again makes no doubles; one without a header is refused in words', () => staff('ning-ke', '/office/items/import', async page => {
  await upload(page, '停车清单.xlsx', workbook, list)
  await e.until(page, page.url(), /检查报告/)
  await e.says(page, /新增\s+0\s/, /变更\s+0\s/, /没有变化\s+4\s/)
  await e.press(page, '取消导入')
  await e.says(page, '导入已取消')
  await upload(page, '没有表头.csv', 'text/csv', Buffer.from('甲,乙\n1,2\n'), 422)
  await e.says(page, '没有找到表头', '甲、乙')
  await look(page, 'import refused')
}))

test('a long list shows how far it is', () => staff('ning-ke', '/office/items/import', async page => {
  const lines = Array.from({ length: 20000 }, (_, i) => `第${i}号停车场备案,${office},行政许可,,承诺件,10个工作日,${i === 18000 ? '15' : '3'}个工作日,0588-8602111`)
  await upload(page, '长清单.csv', 'text/csv', Buffer.from([head.slice(0, 8).join(','), ...lines].join('\n')))
  const at = page.url()
  assert.match(await e.main(page), /已检查|已处理|检查报告/)
  if (await page.locator('progress').count()) await look(page, 'import progress')
  await page.getByRole('button', { name: '确认导入' }).waitFor({ timeout: 60000 }) // the page renews itself
  assert.match((await finding(page, '承诺时限 15'))[2], /18002/)
  await e.press(page, '取消导入')
  await e.until(page, at, /导入已取消/)
}))

test('quality by agency and rule', () => staff('ning-ke', '/office/quality', async page => {
  await e.says(page, '各机关得分', '承诺时限超过法定时限', '停车')
  await look(page, 'quality')
  await page.locator('main table a').last().click()
  await page.waitForURL(/\/office\//)
  await look(page, 'quality of one')
}))

test('an everyday word is added, and finds at once', async () => {
  const asks = () => anyone(async page => { await page.goto(found('我要开蹦床馆')); return e.main(page) })
  assert.ok(!(await asks()).includes('因为“开蹦床馆”'))
  await staff('ning-ke', '/office/search', async page => {
    await page.getByLabel('群众的说法').fill('开蹦床馆')
    await page.getByLabel('对应的规范用语').fill('公众聚集场所投入使用')
    await e.press(page, '保存')
    await e.says(page, '马上生效')
    await look(page, 'everyday words')
    await page.goto('/office/search/test?q=' + encodeURIComponent('我要开蹦床馆'))
    await e.says(page, '公众聚集场所投入使用')
    await look(page, 'search test')
    await page.goto('/office/search/missed')
    await look(page, 'missed words')
  })
  await anyone(page => e.until(page, found('我要开蹦床馆'), /因为“开蹦床馆”说的就是“公众聚集场所投入使用”/, 3))
})

test('the base directory changes with a second approval and legal review, and its adopter is asked to follow', async () => {
  const at = await staff('mu-yan', '/office/directory/000131006000', async page => {
    await e.press(page, page.getByRole('link', { name: '变更事项' }))
    await page.locator('[name=reason]').fill('国家规定修订，法定时限由十个工作日改为八个工作日')
    await page.locator('[name=legal]').fill('8')
    const today = new Date(Date.now() + 8 * 3600e3).toISOString().slice(0, 10).split('-')
    for (const [i, part] of ['y', 'm', 'd'].entries()) await page.locator(`[name="effective.${part}"]`).fill(String(Number(today[i])))
    await e.press(page, '保存并检查')
    await e.says(page, '10 工作日', '8 工作日')
    await e.press(page, '送编制审核')
    await e.says(page, '待编制审核')
    assert.equal(await page.getByRole('button', { name: '编制审核通过' }).count(), 0, 'nobody passes their own')
    return new URL(page.url()).pathname
  })
  for (const [person, button, says] of [['ruan-qiu', '编制审核通过', '待法制审核'], ['tao-ran', '法制审核通过', '待生效']]) {
    await staff(person, at, async page => { await e.press(page, button); await e.says(page, says); await look(page, 'directory change') })
  }
  await staff('qiao-bo', '/office/follow', async page => {
    await e.until(page, '/office/follow', /食品经营许可（新办）/, 60)
    await e.says(page, '第 1 版 → 第 2 版', '10 工作日', '8 工作日', '必须修改')
    await look(page, 'follow')
    await e.press(page, page.getByRole('link', { name: '按新目录修改' }).first())
    await e.press(page, '开始')
    await page.goto(new URL(page.url()).pathname + '/item/handling')
    assert.equal(await page.locator('[name="legal.n"]').inputValue(), '8', 'what the directory says is taken over')
    if (!await page.locator('[name=legal_basis]').inputValue()) faults.add('follow: the basis of the limit is lost when the limit follows')
  })
})

test('every page of the catalogue, on every screen', async () => {
  const open = ['/', '/items', found('饭店'), found('食品经营许克'), found('火星移民签证'), '/items/food-licence-new', '/themes', '/life', '/agencies', '/agencies/market', '/region', '/region?under=580100', '/lists', '/lists/power', '/lists/duty', '/lists/investment', '/lists/fund']
  const desk = ['/office/items', '/office/items/food-licence-new', '/office/items/import', '/office/items/export', '/office/quality', '/office/search', '/office/search/test', '/office/search/missed', '/office/follow', '/office/directory', '/office/directory/000131006000',
    '/office/directory/000131006000/history', '/office/directory/000131006000/adopters', '/office/directory/000131006000/adopt', '/office/directory-regions', '/office/directory-changes', '/office/codelists', '/office/codelists/area', '/office/mappings']
  const above = ['/office/directory-changes/new', '/office/directory-changes/new?kind=amend&of=000131006000', '/office/directory-changes/new?kind=split&of=000131006000']
  for (const [face, device] of Object.entries({ desktop: e.desktop, phone: e.phone, elder: e.phone })) {
    for (const [person, pages] of [['', open], ['ning-ke', desk], ['mu-yan', above]]) {
      const page = await e.visitor(browser, city, device)
      page.context().setDefaultTimeout(15000)
      if (person) await e.signIn(page, `staff:${person}`)
      if (face === 'elder') await e.elder(page)
      for (const at of pages) {
        const answer = await page.goto(at)
        if (answer.status() !== 200) faults.add(`${at} ${answer.status()}`)
        await look(page, `${face} ${at}`)
        try { page.calm() } catch (err) { faults.add(`${face} ${at}: ${err.message}`) }
      }
      await page.context().close()
    }
  }
  assert.deepEqual([...faults], [])
})
