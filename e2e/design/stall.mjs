// The new item of the journey: the registration of food stalls, as an officer of the market bureau would type it.
import { pdf } from '../lib.mjs'
import * as d from './designers.mjs'

export const name = '食品摊贩登记', key = 'stall-registration'

// elements are what is asked of every item, by the groups of the editor.
export const elements = {
  kind: {
    main_item: name, short: '在划定的地方摆摊卖吃的', everyday: '摆摊\n小吃摊\n夜市摊位\n卖早点', item_type: '07',
    summary: '在政府划定的区域和时段摆摊卖食品，要先登记，领一张食品摊贩登记卡。网上申请，不收费。',
    who: '年满18周岁的个人。\n在划定的区域和时段经营。', use_level: ['4'], audience: ['1'], themes_person: ['030'],
  },
  code: { base_code: '580731901000' },
  handling: {
    channels: ['1', '2', '3'], depth: ['1', '2', '4', '5', '6', '7'], online: 'full', 'legal.n': '10', 'legal.unit': 'workday', legal_basis: '清澜市食品摊贩管理办法（虚构，供演示）第六条',
    'promised.n': '3', 'promised.unit': 'workday', separate: '1', level: '2',
  },
  place: { windows: ['hall-food'], consult: '0588-8602112', complain: '0588-12315090' },
  legal: { power_source: '1', acceptance_rule: 'none' },
  result: { result: 'licence', result_name: '食品摊贩登记卡', validity: '2年', delivery: ['electronic'], fee_note: '不收费', result_sample: 'files/登记卡样本.pdf' },
}

// basis is the row of the legal basis.
export const basis = { law: '清澜市食品摊贩管理办法（虚构，供演示）', article: '第六条', issuer: '清澜市人民政府', text: '食品摊贩应当向所在地的县级市场监督管理部门登记，领取食品摊贩登记卡。', status: 'fictional' }


// compose fills everything the change needs, from the overview of the change.
export async function compose(h, at) {
  const { page } = h
  const add = async what => {
    const box = page.locator(`#add-${what}`)
    await h.click(box.locator('summary'))
    await h.send(box.getByRole('button'))
  }
  const home = () => h.go(page.locator(`main a[href="${at}"]`).first())

  await h.go('样表和空表')
  await page.locator('main input[type=file]').setInputFiles({ name: '登记卡样本.pdf', mimeType: 'application/pdf', buffer: pdf('sample') })
  await h.send('上传')
  await home()
  await h.go('事项要素')
  for (const group of Object.keys(elements)) {
    await page.waitForURL(new RegExp(`/item/${group}$`))
    await h.fill(elements[group])
    await h.send('保存，下一组')
  }
  await h.go(page.locator('main a[href$="/item/legal"]').first())
  await h.go(page.locator('main a[href$="/rows/bases"]').first())
  await h.go('添加')
  await h.fill(basis)
  await h.send('保存')
  await home()

  await add('forms')
  await d.ready(page)
  await d.shared(h, '姓名')
  await d.shared(h, '手机号')
  await d.ask(h, '单选', '在哪里摆摊', { choices: ['石栏路夜市', '望江早市', '其他划定的地方'] })
  await d.ask(h, '多选', '卖什么', { choices: ['煎炸烧烤', '冷饮甜品', '水果点心'] })
  await d.ask(h, '单行文字', '油烟怎样处理')
  await d.only(h, '卖什么', '选了', '煎炸烧烤')
  await d.ask(h, '数字', '摊位面积', { unit: '平方米' })
  await d.saved(page)
  await home()

  await add('flows')
  await d.ready(page)
  for (const step of ['receive', 'accept', 'certificate', 'deliver']) await d.post(h, step, '食品许可窗口岗')
  await d.post(h, 'review', '食品许可审查岗')
  await d.post(h, 'decide', '食品许可决定岗')
  await d.fork(h, 'decide', { name: '要看现场', question: '卖什么', how: '选了', answer: '煎炸烧烤', post: '食品许可审查岗' })
  await d.saved(page)
  await home()

  await add('licence-types')
  await d.ready(page)
  await d.block(h, '段落', '凭此卡在划定的区域和时段经营。')
  await d.saved(page)
  await home()
  await add('papers')
  await d.ready(page)
  await d.block(h, '段落', '登记卡不得转借、出租。')
  await h.click(page.getByRole('tab', { name: '样张（PDF）' }))
  await page.locator('iframe[title=样张]').waitFor()
  await d.saved(page)
  await home()

  await add('tables')
  await d.ready(page)
  await d.rule(h, '未满十八周岁', '申请人的年龄', '小于', '18', '摆摊的人要年满18周岁。满18周岁以后就可以申请。')
  await d.trial(h, '十七岁', '申请人的年龄', '17', ['未满十八周岁'])
  await d.trial(h, '三十岁', '申请人的年龄', '30', [])
  await d.saved(page)
  await home()
}
