// A department system behind Apache and mod_auth_openidc, as Debian ships them, in a folder and on a port of its own.
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../lib.mjs'
import { keys } from './kit.mjs'

const modules = '/usr/lib/apache2/modules'

// startApache protects /private with the provider at issuer. prepare(redirectURI, backchannelURI, logoutURI, key) registers the client and gives its id.
export async function startApache(issuer, prepare) {
  for (const file of ['/usr/sbin/apache2', join(modules, 'mod_auth_openidc.so')]) {
    if (!existsSync(file)) throw new Error(`${file} is not here: apt-get install -y --no-install-recommends apache2-bin libapache2-mod-auth-openidc`)
  }
  const port = await freePort()
  const dir = mkdtempSync(join(tmpdir(), 'tongban-apache-'))
  const base = `http://localhost:${port}` // a host of its own: cookies do not tell ports apart
  const key = keys('RS256')
  for (const d of ['www/private', 'logs', 'cache']) mkdirSync(join(dir, d), { recursive: true })
  writeFileSync(join(dir, 'key.pem'), key.pem, { mode: 0o644 })
  writeFileSync(join(dir, 'pub.pem'), key.publicPem)
  writeFileSync(join(dir, 'www/index.html'), '<!doctype html><meta charset=utf-8><title>out</title><p>signed out')
  writeFileSync(join(dir, 'www/private/index.shtml'), '<!doctype html><meta charset=utf-8><title>in</title><p id=sub><!--#echo var="REMOTE_USER" --><p id=acr><!--#echo var="OIDC_CLAIM_acr" --><p id=name><!--#echo var="OIDC_CLAIM_name" -->')
  const client = await prepare(`${base}/private/callback`, `${base}/private/callback?logout=backchannel`, `${base}/`, key)
  writeFileSync(join(dir, 'apache.conf'), `
ServerRoot ${dir}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${dir}/pid
ErrorLog ${dir}/logs/error
LogLevel warn auth_openidc:info
${['mpm_event', 'authz_core', 'authz_host', 'authn_core', 'authz_user', 'dir', 'mime', 'filter', 'include', 'env', 'auth_openidc'].map(m => `LoadModule ${m}_module ${modules}/mod_${m}.so`).join('\n')}
User www-data
Group www-data
TypesConfig /etc/mime.types
DocumentRoot ${dir}/www
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
DirectoryIndex index.shtml index.html
<Directory ${dir}/www>
  Options +Includes
  Require all granted
</Directory>
OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
OIDCSSLValidateServer Off
OIDCClientID ${client}
OIDCPrivateKeyFiles ${key.kid}#${dir}/key.pem
OIDCPublicKeyFiles ${key.kid}#${dir}/pub.pem
OIDCProviderTokenEndpointAuth private_key_jwt
OIDCRedirectURI ${base}/private/callback
OIDCCryptoPassphrase ${randomBytes(16).toString('hex')}
OIDCPKCEMethod S256
OIDCScope "openid profile"
OIDCRemoteUserClaim sub
OIDCCookieSameSite Off
OIDCCacheType file
OIDCCacheDir ${dir}/cache
OIDCRefreshAccessTokenBeforeExpiry 0
OIDCSessionInactivityTimeout 300
<Location /private>
  AuthType openid-connect
  Require valid-user
</Location>
`)
  await new Promise(ok => spawn('chown', ['-R', 'www-data', dir]).once('exit', ok))
  await new Promise(ok => spawn('chmod', ['755', dir]).once('exit', ok))
  const p = spawn('/usr/sbin/apache2', ['-f', join(dir, 'apache.conf'), '-DFOREGROUND'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  p.stdout.on('data', b => { said += b })
  p.stderr.on('data', b => { said += b })
  for (let i = 0; ; i++) {
    if (p.exitCode !== null) throw new Error(`apache ended: ${said}`)
    try { if ((await fetch(base + '/index.html')).status === 200) break } catch { /* not yet */ }
    if (i > 50) throw new Error(`apache is not ready: ${said}`)
    await new Promise(r => setTimeout(r, 100))
  }
  const stop = async () => {
    if (p.exitCode === null) { const gone = new Promise(r => p.once('exit', r)); p.kill('SIGTERM'); await gone }
    rmSync(dir, { recursive: true, force: true })
  }
  return { base, dir, client, stop, log: join(dir, 'logs/error') }
}
