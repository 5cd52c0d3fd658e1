// The answers of one honest small restaurant, for every journey that needs a food licence.
import { actFor, main, pdf, phone, press, settled, signIn, visitor } from './lib.mjs'

export const foodAnswers = { kind: '2', special_room: 'no', central: 'no', vending: 'no', building: 'business', size: 'small', chain: 'no', agent: 'self' }

export const foodForm = {
  applicant: {},
  contact: { contact_name: '林小满', contact_phone: '19900000101' },
  premises: { shop_region: ['580102'], shop_area: '120', kitchen_area: '45', seats: '36', has_warehouse: false },
  business: { business_items: ['hot', 'drinks'], online: true, online_ways: ['platform'], online_places: '到家外卖', daily_meals: '200' },
  people: { manager_name: '林小满', manager_id: '580102199605182647', manager_phone: '19900000101', manager_trained: true, staff_count: '6', staff_health: true },
  equipment: { 'equipment.0.name': '三联水池', 'equipment.0.use': ['washing'], 'equipment.0.quantity': '2', 'equipment.0.place': '粗加工间' },
  rules: { rules: ['self-check', 'health', 'purchase', 'accident', 'cleaning', 'additives'] },
  delivery: { delivery: 'electronic' },
  declare: { truth: ['true'], no_bar: ['true'], consent: ['true'] },
}

// scenario answers questions one after the other, as they come.
export async function scenario(page, answers) {
  for (const [key, value] of Object.entries(answers)) {
    const radio = page.locator(`input[name="scenario.${key}"][value="${value}"]`)
    await radio.waitFor()
    if (await radio.isChecked()) continue
    const answered = page.waitForResponse(r => r.request().method() === 'POST' && r.url().endsWith('/questions'))
    await radio.check()
    await answered
    await settled(page)
  }
}

// fill writes values into the fields of one page by their kind.
export async function fill(page, values) {
  for (const [name, value] of Object.entries(values)) {
    const field = page.locator(`[name="${name}"]`)
    const kind = await field.first().evaluate(x => x.tagName === 'SELECT' ? 'select' : x.type)
    if (kind === 'select') await field.selectOption(value)
    else if (kind === 'checkbox') for (const v of value) await page.locator(`[name="${name}"][value="${v}"]`).check()
    else if (kind === 'radio') await page.locator(`[name="${name}"][value="${value}"]`).check()
    else await field.fill(value)
  }
}

// saveFood fills one section of a draft and saves it.
export async function saveFood(page, draft, section) {
  await page.goto(`/drafts/${draft}/form/${section}`)
  await fill(page, foodForm[section])
  await press(page, '保存并继续')
}

// foodDraft begins a draft for the firm and answers its questions.
export async function foodDraft(page) {
  await page.goto('/apply/food-licence-new')
  await press(page, page.getByRole('button', { name: /^(开始申请|另填一份新的)$/ }))
  const draft = page.url().match(/\/drafts\/([0-9a-f-]+)\//)[1]
  await scenario(page, foodAnswers)
  await press(page, '保存并继续')
  return draft
}

// foodMaterials hands in what the draft needs.
export async function foodMaterials(page, draft) {
  await page.goto(`/drafts/${draft}/materials`)
  await page.locator('[data-upload-box] input[type=file]').first().setInputFiles({ name: '平面图.pdf', mimeType: 'application/pdf', buffer: pdf() })
  await page.locator('[data-upload-box]').first().getByText('已上传').waitFor()
  const use = page.getByRole('button', { name: /^使用选中的证照/ })
  while (await use.count()) await press(page, use.first())
}

// foodCase sends a whole application of the firm, and leaves a second draft half filled.
export async function foodCase(browser, city) {
  const page = await visitor(browser, city, phone)
  await signIn(page, 'person:19900000101')
  await actFor(page, '清澜小满餐饮有限公司')
  const draft = await foodDraft(page)
  for (const section of Object.keys(foodForm)) await saveFood(page, draft, section)
  await foodMaterials(page, draft)
  await page.goto(`/drafts/${draft}/check`)
  await press(page, '提交申请')
  const number = (await main(page)).match(/办件编号\s+(\S+)/)[1]
  const url = new URL(page.url()).pathname.replace('/receipt', '')
  const half = `/drafts/${await foodDraft(page)}`
  await page.context().close()
  return { number, url, id: url.split('/').pop(), desk: url.replace('/my/', '/desk/'), pages: [half, `${half}/questions`, ...Object.keys(foodForm).map(s => `${half}/form/${s}`), `${half}/materials`, `${half}/contact`, `${half}/check`, `${half}/discard`] }
}
