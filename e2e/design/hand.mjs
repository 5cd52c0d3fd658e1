// A hand at a page: it only clicks and types, and counts what it did.
import { press } from '../lib.mjs'

// handOf makes the hand of a page. Words for what it types into are the names of fields, or locators.
export function handOf(page) {
  const did = { clicks: 0, typed: 0, letters: 0 }
  const start = Date.now()
  const at = what => typeof what === 'string' ? page.locator(`main [name="${what}"]`) : what
  const button = what => typeof what === 'string' ? page.locator('main').getByRole('button', { name: what, exact: true }) : what
  const open = async field => { // what most items do not need is folded away
    const fold = field.locator('xpath=ancestor::details[not(@open)]').last()
    if (await fold.count()) { did.clicks++; await fold.locator('summary').first().click() }
    return field
  }
  const type = async (what, words) => { const f = await open(at(what)); did.typed++; did.letters += words.length; await f.fill(words) }
  const pick = async (what, choice) => { const f = await open(at(what)); did.clicks += 2; await f.selectOption(choice) }
  const tick = async (what, ...values) => {
    for (const v of values) { const f = await open(page.locator(`main [name="${what}"][value="${v}"]`)); did.clicks++; await f.check() }
  }
  const click = async what => { did.clicks++; await button(what).click() }
  const send = async (what, status) => { did.clicks++; return press(page, button(what), status) }
  const go = async (name) => { did.clicks++; await press(page, typeof name === 'string' ? page.locator('main').getByRole('link', { name, exact: true }).first() : name) }
  // fill takes fields by what they are: a list ticks, [v] picks one, words are typed.
  const fill = async values => {
    for (const [name, v] of Object.entries(values)) {
      const kind = await at(name).first().evaluate(x => x.tagName === 'SELECT' ? 'select' : x.type)
      if (kind === 'select') await pick(name, v)
      else if (kind === 'checkbox' || kind === 'radio') await tick(name, ...[v].flat())
      else await type(name, v)
    }
  }
  // What it would take a person whose hands know the way: 1.3 s to point and click, 0.8 s to reach a field, 0.5 s a character (keystroke-level model, no thinking).
  const person = () => Math.round(did.clicks * 1.3 + did.typed * 2.1 + did.letters * 0.5)
  const said = () => `${did.clicks} clicks, ${did.typed} fields typed (${did.letters} characters), ${((Date.now() - start) / 1000).toFixed(1)} s by script, about ${Math.floor(person() / 60)} min ${person() % 60} s by hand`
  return { page, did, type, pick, tick, click, send, go, fill, said, seconds: () => (Date.now() - start) / 1000, person }
}
