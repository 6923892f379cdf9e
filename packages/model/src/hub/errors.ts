import { ModelError } from '../errors.ts'

export const hubTokenMalformed = () =>
  new ModelError('hub_token_malformed', 'HF_TOKEN is no token of the hub: those begin with "hf_". Set it to one, or unset it for what is public.')

export const hubOffline = (endpoint: string, model: string, cause: unknown) =>
  new ModelError(
    'hub_offline',
    `${endpoint} could not be reached for ${model}, and no complete copy is cached. Check the network${proxyUnread()}, or HF_ENDPOINT, or give a local folder.`,
    { status: 503, fault: 'caller', cause },
  )

/** Node reads the proxies of the environment where it is told to. */
const proxyUnread = (): string => {
  const { HTTPS_PROXY, https_proxy, NODE_USE_ENV_PROXY } = process.env
  return (HTTPS_PROXY || https_proxy) && NODE_USE_ENV_PROXY !== '1' ? ' (HTTPS_PROXY is read only where NODE_USE_ENV_PROXY=1 is set beside it)' : ''
}

export const hubSwitchedOff = (model: string, revision: string) =>
  new ModelError(
    'hub_offline',
    `HF_HUB_OFFLINE is set, and no complete copy of ${model} at revision ${revision} is cached. Unset it to fetch one, or give a local folder.`,
    { status: 503, fault: 'caller' },
  )

/**
 * @param revision where the hub does not say that it is the repository that is missing
 * @param signedIn whether a token was sent
 */
export const hubNotFound = (endpoint: string, model: string, revision: string | undefined, signedIn: boolean) =>
  new ModelError(
    'hub_not_found',
    `${endpoint} has no repository ${model}${revision === undefined ? '' : ` with a revision ${revision}`}, or ${
      signedIn
        ? 'the account of HF_TOKEN, or of hf auth login, may not see it. Check the spelling, and that the token may read it.'
        : 'shows it to nobody without a token. Check the spelling; for what is private, set HF_TOKEN to a token that may read it.'
    }`,
    { status: 404 },
  )

export const hubRevisionNotFound = (endpoint: string, model: string, revision: string) =>
  new ModelError(
    'hub_revision_not_found',
    `${endpoint} has the repository ${model}, and no revision ${revision} of it. Give a branch, a tag or a whole commit id that its page lists, or none, for main.`,
    { status: 404 },
  )

/** @param signedIn whether a token was sent */
export const hubGated = (endpoint: string, model: string, signedIn: boolean) =>
  new ModelError(
    'hub_gated',
    signedIn
      ? `${model} is gated, and the account of HF_TOKEN, or of hf auth login, has no access to it. Ask for it at ${endpoint}/${model}, signed in as that account; a fine-grained token also needs the permission to read gated repositories.`
      : `${model} is gated: its owners give access to accounts. Ask for it at ${endpoint}/${model}, and set HF_TOKEN to a token of the account that has it.`,
    { status: 403 },
  )

export const hubTokenRefused = (endpoint: string) =>
  new ModelError(
    'hub_token_refused',
    `${endpoint} does not know the token of HF_TOKEN, or of hf auth login: it has expired, was revoked, or is of another hub. Make a new one; for what is public unset it, and set HF_HUB_DISABLE_IMPLICIT_TOKEN=1.`,
    {
      status: 401,
    },
  )

export const hubFileGone = (endpoint: string, model: string, file: string, revision: string) =>
  new ModelError(
    'hub_file_gone',
    `${endpoint} listed ${file} of ${model}, and has it no longer: ${revision} has moved on meanwhile. Run again to fetch what is there now.`,
    {
      status: 502,
      fault: 'caller',
    },
  )

export const hubRefused = (endpoint: string, model: string, status: number, cause: Error) =>
  new ModelError(
    'hub_refused',
    `${endpoint} answered ${status} for ${model}${cause.message ? `: ${cause.message.replace(/\.$/, '')}` : ''}.${
      status === 401 || status === 403 ? ' Where it is private, set HF_TOKEN to a token that may read it.' : ' Try again later.'
    }`,
    { status: 502, fault: 'caller', cause },
  )

export const hubBroken = (file: string, have: number, size: number, attempts: number, cause: unknown) =>
  new ModelError(
    'hub_broken',
    `The transfer of ${file} broke off ${attempts} times, last at ${have} of ${size} bytes. What arrived is kept: run again to continue from there.`,
    { status: 502, fault: 'caller', cause },
  )

export const hubCorrupt = (file: string, got: string, expected: string) =>
  new ModelError('hub_corrupt', `${file} arrived corrupt: its digest is ${got}, the hub says ${expected}. It was deleted; run again to fetch it anew.`, {
    status: 502,
    fault: 'caller',
  })

export const hubCopyBusy = (name: string) =>
  new ModelError('hub_copy_busy', `${name} is being fetched at this moment. Wait for that, or stop it, and delete it then.`, { status: 409 })
