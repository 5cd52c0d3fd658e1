// Takes the screenshots of README and guides from a fresh demo city into docs/img, all or those named: node e2e/shots.mjs [NAME ...]
// The program is the one the journeys use: go build -o e2e/.tongban ./cmd/tongban
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as e from './lib.mjs'
import { fewColours } from './colours.mjs'
import { foodDraft, foodForm, foodMaterials, saveFood } from './food.mjs'

const out = new URL('../docs/img/', import.meta.url).pathname
const most = 200 << 10 // bytes of one picture
const only = process.argv.slice(2), kept = []
mkdirSync(out, { recursive: true })
const city = await e.startCity(), browser = await e.startBrowser()

// keep stores a picture with the colours a page of flat colours needs.
function keep(name, picture) {
  if (only.length && !only.includes(name)) return
  const small = fewColours(picture)
  if (small.length > most) throw new Error(`${name}.png has ${small.length >> 10} KB`)
  writeFileSync(join(out, name + '.png'), small)
  kept.push(name)
}

async function shot(page, name, tall = 0) {
  const size = page.viewportSize()
  if (tall) await page.setViewportSize({ width: size.width, height: tall })
  await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0) })
  keep(name, await page.screenshot())
  if (tall) await page.setViewportSize(size)
}

const desk = async (key, at) => { const page = await e.visitor(browser, city, e.desktop); page.setDefaultTimeout(30000); await e.signIn(page, `staff:${key}`, at); return page }
const act = (page, name) => e.press(page, page.locator('section.acts').getByRole(/^(收件|签收办理)$/.test(name) ? 'button' : 'link', { name, exact: true }))

// offices are the pages of those who make the services: a change with its designers, the quality check and the search.
async function offices() {
  const page = await desk('qiao-bo', '/office/changes/new?item=food-licence-new')
  await e.press(page, '开始')
  const at = new URL(page.url()).pathname
  await page.goto(at + '/forms/food')
  const field = page.locator('[data-designer]').getByRole('button', { name: /仅在/ }).first() // one that is shown only when
  await field.click()
  const side = page.locator('.d-side')
  await side.getByText('显示', { exact: false }).first().waitFor()
  await field.evaluate(x => x.scrollIntoView({ block: 'center' }))
  await side.evaluate(x => { x.scrollTop = x.scrollHeight / 3 })
  await still(page, 'design-form')
  await page.goto(at + '/flows/food')
  await page.getByText('资料审查').first().click()
  await still(page, 'design-flow')
  await page.goto(at + '/licence-types/food-business')
  await page.waitForLoadState('networkidle')
  await still(page, 'design-licence')
  await page.goto('/office/changes/new')
  await page.fill('[name=name]', '食品摊贩登记')
  await page.fill('[name=key]', 'stall-registration')
  await e.press(page, '开始')
  await shot(page, 'change')
  await page.goto('/office/quality'); await shot(page, 'quality')
  const asked = '?q=' + encodeURIComponent('想开个饭店')
  await page.goto('/office/search/test' + asked); await shot(page, 'search-test')
  await page.context().close()
  const wide = await e.visitor(browser, city, e.desktop)
  await wide.goto('/items' + asked); await shot(wide, 'search')
}

// still keeps a page as it is scrolled, when its drawing has come to rest.
async function still(page, name) {
  await page.evaluate(() => document.activeElement?.blur())
  for (let was = '', now = null; was !== now;) { was = now; await page.waitForTimeout(400); now = (await page.screenshot()).toString('base64') }
  keep(name, await page.screenshot())
}

// citizens follow a food licence from the search to the licence that is verified.
async function citizens() {
  const wide = await e.visitor(browser, city, e.desktop), me = await e.visitor(browser, city)
  await wide.goto('/'); await shot(wide, 'home-desktop')
  await me.goto('/'); await shot(me, 'home')
  await me.goto('/items/food-licence-new'); await shot(me, 'item')
  await wide.goto('/items/food-licence-new'); await shot(wide, 'item-desktop')
  await e.elder(me); await shot(me, 'elder')
  await e.press(me, me.locator('button[name=mode][value=standard]'))

  await e.signIn(me, 'person:19900000101')
  await e.actFor(me, '清澜小满餐饮有限公司')
  const draft = await foodDraft(me)
  for (const section of Object.keys(foodForm)) await saveFood(me, draft, section)
  await me.goto(`/drafts/${draft}/form/premises`); await shot(me, 'form', 1100)
  await foodMaterials(me, draft)
  await shot(me, 'materials', 1100)
  await me.goto(`/drafts/${draft}/check`)
  await e.press(me, '提交申请')
  await shot(me, 'receipt', 1100)
  const number = (await e.main(me)).match(/办件编号\s+(\S+)/)[1]
  const url = new URL(me.url()).pathname.replace('/receipt', '')
  const at = url.replace('/my/', '/desk/')

  let page = await desk('su-qing', '/desk/cases'); await shot(page, 'inbox')
  await page.goto(at); await act(page, '收件'); await page.context().close()
  page = await desk('zhou-min', at); await shot(page, 'case')
  await act(page, '受理'); await e.press(page, '受理')
  await act(page, '填写审查意见')
  const pass = async () => { for (const r of await page.locator('input[type=radio][name^="check."][value=pass]').all()) await r.check() }
  await pass(); await page.locator('input[name=outcome][value=pass]').check()
  await page.getByLabel('意见内容').fill('主体资格有效，材料符合要求。')
  await e.press(page, '提交意见')
  await me.goto(url); await shot(me, 'progress', 1300)
  await act(page, '登记现场核查')
  await pass(); await page.locator('select[name=second]').selectOption({ label: '冯砺' })
  await page.getByLabel('核查结论').fill('场所、布局、设备与申请一致，符合要求。')
  await shot(page, 'inspection')
  await e.press(page, '提交核查记录'); await page.context().close()
  page = await desk('gu-wei', '/supervision'); await shot(page, 'supervision'); await page.context().close()
  page = await desk('lu-zheng', at)
  await act(page, /^作出.*决定$/)
  await page.locator('input[name=outcome][value^=grant]').check()
  await e.press(page, '作出决定'); await page.context().close()
  page = await desk('he-jing', '/window'); await shot(page, 'window'); await page.context().close()

  await e.until(me, url, async () => await me.getByRole('link', { name: '查看证照' }).count() > 0)
  await me.getByRole('link', { name: '查看证照' }).click()
  await e.until(me, me.url(), async () => await me.getByRole('link', { name: /下载/ }).count() > 0)
  const licence = join(city.dir, 'licence.pdf')
  const [download] = await Promise.all([me.waitForEvent('download'), me.getByRole('link', { name: /下载/ }).click()])
  await download.saveAs(licence)
  await wide.goto('/verify')
  await wide.locator('input[name=file]').setInputFiles(licence)
  await e.press(wide, wide.locator('form[enctype] button').first())
  await shot(wide, 'verified')
  execFileSync('pdftoppm', ['-png', '-r', '80', '-singlefile', licence, join(city.dir, 'licence')])
  keep('licence', readFileSync(join(city.dir, 'licence.png')))
}

try {
  await offices()
  if (!only.length || only.some(n => !kept.includes(n))) await citizens()
  console.log(`in docs/img: ${kept.join(' ')}`)
} finally { await browser.close(); await city.stop() }
