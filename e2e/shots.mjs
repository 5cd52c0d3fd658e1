// Takes the screenshots of README and guides from a fresh demo city into docs/img: node e2e/shots.mjs
import { execFileSync } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as e from './lib.mjs'
import { foodDraft, foodForm, foodMaterials, saveFood } from './food.mjs'

const out = new URL('../docs/img/', import.meta.url).pathname
const most = 200 << 10 // bytes of one picture
mkdirSync(out, { recursive: true })
const city = await e.startCity(), browser = await e.startBrowser()

// keep stores a picture with the colours a page of flat colours needs; where pngquant is missing it stays as it is.
function keep(name, picture) {
  const file = join(out, name + '.png')
  writeFileSync(file, picture)
  try { execFileSync('pngquant', ['--force', '--quality=60-95', '--output', file, file]) } catch { /* the size below still counts */ }
  const size = statSync(file).size
  if (size > most) throw new Error(`${name}.png has ${size >> 10} KB`)
}

async function shot(page, name, tall = 0) {
  const size = page.viewportSize()
  if (tall) await page.setViewportSize({ width: size.width, height: tall })
  await page.evaluate(() => { document.activeElement?.blur(); scrollTo(0, 0) })
  keep(name, await page.screenshot())
  if (tall) await page.setViewportSize(size)
}

const desk = async (key, at) => { const page = await e.visitor(browser, city, e.desktop); await e.signIn(page, `staff:${key}`, at); return page }
const act = (page, name) => e.press(page, page.locator('section.acts').getByRole(/^(收件|签收办理)$/.test(name) ? 'button' : 'link', { name, exact: true }))

try {
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
  await act(page, '作出决定')
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
  keep('licence', (await import('node:fs')).readFileSync(join(city.dir, 'licence.png')))
  console.log(`pictures of case ${number} are in docs/img`)
} finally { await browser.close(); await city.stop() }
