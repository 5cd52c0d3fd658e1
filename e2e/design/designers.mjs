// The designers, worked by hand: what a person clicks and types in each of them.

// ready waits until a designer is drawn; saved, until the server has what was done.
export const ready = page => page.locator('[data-designer][data-ready="1"]').waitFor()
export const saved = page => page.waitForFunction(() => ['saved', 'clean'].includes(document.querySelector('.d-bar')?.dataset.state))

const settings = page => page.locator('.d-settings')

// ask adds a question of a kind, names it and says whether it must be answered; choices are pasted, one a line.
export async function ask(h, kind, label, { required = true, choices, unit } = {}) {
  const { page } = h
  await h.click(page.locator('.d-palette').getByRole('button', { name: kind, exact: true }))
  await h.type(settings(page).getByLabel('题目', { exact: true }), label)
  const must = settings(page).getByLabel('必须填写')
  if (await must.isChecked() !== required) await h.click(must)
  if (choices) {
    await h.click(settings(page).getByRole('button', { name: '整批粘贴' }))
    await h.type(settings(page).getByLabel('一行一个选项'), choices.join('\n'))
    await h.click(settings(page).getByRole('button', { name: '用这些选项' }))
  }
  if (unit) await h.type(settings(page).getByLabel('单位'), unit)
}

// shared adds a question of the library.
export async function shared(h, label) {
  const { page } = h
  await h.type(page.getByLabel('查找题目或题型'), label)
  await h.click(page.locator('.d-palette details .d-add', { hasText: label }).first())
  await h.type(page.getByLabel('查找题目或题型'), '')
}

// only sets when the selected question is asked: by picking an earlier question, how to compare, and an answer.
export async function only(h, question, how, answer, when = settings(h.page).locator('.d-when')) {
  await h.click(when.getByRole('button', { name: '设置条件' }))
  await h.pick(when.getByLabel('看哪一题的回答'), { label: question })
  await h.pick(when.getByLabel('怎样比较'), { label: how })
  const value = when.getByLabel('比较的值', { exact: true })
  if (await value.evaluate(x => x.tagName) === 'SELECT') await h.pick(value, { label: answer })
  else await h.type(value, answer)
}

// choose selects a question in the list.
export const choose = (h, label) => h.click(h.page.locator('.d-question', { hasText: label }).first().locator('[data-act=row]'))

// post gives a step of the flow to a post.
export async function post(h, step, name) {
  await h.click(h.page.locator(`[data-step="${step}"]`))
  await h.pick(settings(h.page).getByLabel('由哪个岗位办理'), { label: name })
}

// fork puts a branch before a step of the trunk: those who answer so go through an inspection, everybody else goes on.
export async function fork(h, before, { name, question, how, answer, post }) {
  const { page } = h
  const i = await page.locator('[data-step]').evaluateAll((xs, key) => xs.findIndex(x => x.dataset.step === key), before)
  await h.click(page.locator(`[data-add="/steps/${i}"]`))
  await h.click(page.locator('[data-kind="branch"]:visible').and(page.locator('button')))
  await h.type(settings(page).getByLabel('第 1 条路的名称'), name)
  await only(h, question, how, answer, settings(page).getByRole('group', { name: '符合什么条件走这条路' }))
  await h.click(page.locator(`[data-add="/steps/${i}/ways/0/steps/0"]`))
  await h.click(page.locator('button[data-kind="inspect"]:visible'))
  await h.pick(settings(page).getByLabel('由哪个岗位办理'), { label: post })
}

// rule adds a row to a decision table: who may not apply, and why.
export async function rule(h, name, question, how, answer, refuse) {
  const { page } = h
  await h.click('添加规则')
  const row = page.locator('.d-rows > li').last()
  await h.type(row.getByLabel(/条规则的名称$/), name)
  await only(h, question, how, answer, row.locator('.d-when'))
  await h.type(row.getByLabel(/^不能申请，原因/), refuse)
}

// trial adds a test to a decision table: an answer, and the rules that must fit it.
export async function trial(h, name, label, answer, rules) {
  const { page } = h
  await h.click('添加用例')
  const box = page.locator('[data-test]').last()
  await h.type(box.getByLabel('用例名称'), name)
  await h.type(box.getByLabel(label), answer)
  for (const r of rules) await h.click(box.getByLabel(r, { exact: true }))
}

// block adds a block to a page, over the signature.
export async function block(h, kind, words) {
  const { page } = h
  await h.click(page.getByRole('group', { name: '添加：从上往下排' }).getByRole('button', { name: kind, exact: true }))
  await h.type(page.getByLabel('文字', { exact: true }), words)
  await h.click(page.getByRole('region', { name: '版面内容' }).getByRole('button', { name: /^上移/ }))
}
