// An outside platform made with panva's oidc-provider: each of its clients meets one person, whom it asks nothing, and whose level is what is asked for.
import { once } from 'node:events'
import { Provider } from 'oidc-provider'
import { freePort } from '../lib.mjs'

// startProvider knows two clients of the city: "keyed" proves itself by its published keys, "basic" by a shared secret; back gives their addresses, people
// who comes from each.
export async function startProvider(city, back, secret, people) {
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const client = { response_types: ['code'], grant_types: ['authorization_code'], application_type: 'native' }
  const p = new Provider(issuer, {
    clients: [
      { ...client, client_id: 'keyed', token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'ES256', jwks: await (await fetch(city + '/federation/keys')).json(), redirect_uris: [back('keyed')] },
      { ...client, client_id: 'basic', token_endpoint_auth_method: 'client_secret_basic', client_secret: secret, redirect_uris: [back('posted')] },
    ],
    scopes: ['openid', 'identity'], acrValues: ['p:2', 'p:3'], claims: { openid: ['sub'], acr: null, amr: null, auth_time: null, identity: ['name', 'id_number'] },
    pkce: { required: () => true }, features: { devInteractions: { enabled: false } }, cookies: { keys: ['only for tests'] },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...people[id] }) }),
    interactions: { url: (_, i) => '/interaction/' + i.uid },
  })
  p.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) return next()
    const { params } = await p.interactionDetails(ctx.req, ctx.res)
    const grant = new p.Grant({ accountId: params.client_id, clientId: params.client_id })
    grant.addOIDCScope('openid identity')
    const login = { accountId: params.client_id, acr: (params.acr_values ?? '').split(' ')[0] || 'p:2', amr: ['face'] }
    await p.interactionFinished(ctx.req, ctx.res, { login, consent: { grantId: await grant.save() } }, { mergeWithLastSubmission: false })
  })
  const server = p.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { issuer, stop: () => { server.closeAllConnections(); return new Promise(ok => server.close(ok)) } }
}
