// The example department of this repository, built and started as its README says.
import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../lib.mjs'

const root = new URL('../..', import.meta.url).pathname

// startDepartment runs it without a registration; form is what it prints to be registered with, registered(id) starts it again under its id.
export async function startDepartment(city) {
  const dir = mkdtempSync(join(tmpdir(), 'tongban-department-'))
  const program = join(dir, 'department')
  await promisify(execFile)('go', ['build', '-o', program, './examples/department'], { cwd: root })
  const port = await freePort()
  const base = `http://localhost:${port}` // a host of its own: cookies do not tell ports apart
  const args = ['-issuer', city.base, '-address', base, '-listen', `127.0.0.1:${port}`, '-key', join(dir, 'department-key.pem')]
  let p, said = ''
  const end = async () => { if (p && p.exitCode === null) { const gone = new Promise(r => p.once('exit', r)); p.kill('SIGTERM'); await gone } }
  const start = async more => {
    await end()
    p = spawn(program, [...args, ...more], { stdio: ['ignore', 'pipe', 'pipe'] })
    p.stdout.on('data', b => { said += b })
    p.stderr.on('data', b => { said += b })
    for (let i = 0; ; i++) {
      if (p.exitCode !== null) throw new Error(`the department ended: ${said}`)
      try { if ((await fetch(base)).status === 200) break } catch { /* not yet */ }
      if (i > 100) throw new Error(`the department is not ready: ${said}`)
      await new Promise(r => setTimeout(r, 100))
    }
  }
  await start([])
  const line = what => said.match(new RegExp(`${what}\\s+(\\S+)`))[1]
  const form = { redirects: line('redirect address'), post_logouts: line('after signing out'), back_channel: line('back-channel logout'), jwks: line('public keys'),
    scopes: ['openid', 'profile', 'org'], why_profile: '显示您的姓名', why_org: '显示您代表的企业' }
  return { base, form, registered: id => start(['-client', id]), stop: async () => { await end(); rmSync(dir, { recursive: true, force: true }) } }
}
