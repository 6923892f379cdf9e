import { WeftError } from '@weft/adapters'
import { someDetails, someOf, someQuoted } from '@weft/adapters/error-text'

// Aliases

export const aliasMoved = (id: string, version: number | null) =>
  new WeftError(
    'alias_moved',
    `"${id}" ${version === null ? 'is not there' : `stands for version ${version} now`}, which is not what was expected. Somebody else may have moved it: look again, and decide anew.`,
    { status: 412, details: { alias: id, version } },
  )

/** @param version that is there; 0 where it is the config's, null where none is */
export const routeMoved = (name: string, version: number | null) =>
  new WeftError(
    'route_moved',
    `The route "${name}" ${version === null ? 'is not there' : version === 0 ? "is the deployment's config's now" : `is at version ${version} now`}, which is not what was expected. Somebody else may have changed it: look again, and decide anew.`,
    { status: 412, param: 'name', details: { route: name, version } },
  )

export const aliasInUse = (id: string, aliases: readonly string[]) =>
  new WeftError(
    'adapter_in_use',
    `"${id}" is what ${someQuoted(aliases)} ${aliases.length > 1 ? 'stand' : 'stands'} for. Move or delete ${aliases.length > 1 ? 'them' : 'it'} first.`,
    { status: 409, param: 'id', details: someDetails('aliases', aliases) },
  )

const advice: Readonly<Record<string, string>> = {
  alias: 'move or delete the alias',
  route: 'change or delete the route',
  adapter: 'delete what was trained over it',
  job: 'cancel the job, or wait',
  batch: 'cancel the batch, or wait',
}

/** @param uses what uses it; `by` is null for what the asker may not see, `mayLose` where an admin may take it away */
export const adapterUsed = (id: string, uses: readonly { kind: string; by: string | null; why: string; mayLose: boolean }[], param = 'id') => {
  const kinds = [...new Set(uses.map(({ kind }) => kind))]
  const forced = uses.every(({ mayLose }) => mayLose) ? ' An admin may delete it all the same, with --force (?force=true).' : ''
  return new WeftError(
    'adapter_in_use',
    `"${id}" is in use: ${someOf([...new Set(uses.map(({ why }) => why))], '; ')}. First ${kinds.map((kind) => advice[kind]).join(', ')}.${forced}`,
    {
      status: 409,
      param,
      details: someDetails(
        'used_by',
        uses.flatMap(({ kind, by }) => (by === null ? [] : [{ kind, id: by }])),
      ),
    },
  )
}

export const forceIsForAdmins = (role: string) =>
  new WeftError('role_forbidden', `A key of the role "${role}" may not say force: an admin may delete what routes, batches and other adapters use.`, {
    status: 403,
    param: 'force',
    details: { role, allowed: ['admin'] },
  })

export const aliasIsNoVersion = (name: string, alias: string, param: string) =>
  new WeftError(
    'invalid_request',
    `"${name}@${alias}" is an alias. Delete its version by number, or the alias alone: npx weft alias delete ${name} ${alias}, or DELETE /v1/adapters/${name}/aliases/${alias}.`,
    { param },
  )

/** @param param what was said beside another */
export const contradictingExpectation = (param: string) =>
  new WeftError('invalid_request', 'Say once what must be there: by the header if-match (or if-none-match: *), or, of an alias, by "expected" in the body.', {
    param,
  })

export const invalidEtag = (header: string, value: string) =>
  new WeftError(
    'invalid_request',
    `The header ${header} is ${value.slice(0, 80) || 'empty'}; expected ${header === 'if-match' ? 'one etag as an answer gives it, in double quotes' : '*, which says that there is none yet'}.`,
    {
      param: header,
    },
  )

// What the bare name means

export const noLatest = (name: string, versions: readonly string[], param: string) =>
  new WeftError(
    'adapter_version_not_found',
    `"${name}" stands for no version: those that are there (${someQuoted(versions)}) have not passed their publish gate, or lie above the one that the name was rolled back to. Name one, publish another, or roll back to one.`,
    { status: 404, param, details: { name, ...someDetails('suggestions', versions) } },
  )

export const candidateNotLatest = (id: string) =>
  new WeftError(
    'candidate_not_latest',
    `"${id}" is a candidate: it has not passed its publish gate, so the bare name cannot stand for it. Use it by its version or an alias, or publish one that passes.`,
    { status: 409, details: { id } },
  )

export const nothingEarlier = (name: string, version: number) =>
  new WeftError(
    'nothing_to_roll_back',
    `"${name}" stands for ${version === 0 ? 'no version' : `version ${version}`}, and there is no earlier one that it could go back to. Say which with "to" (--to of weft rollback).`,
    {
      status: 409,
      details: { name, version },
    },
  )

// Signatures

export const signatureMissing = (name: string, byJob = false) =>
  new WeftError(
    'signature_missing',
    `"${name}" is ${byJob ? 'published' : 'taken'} only with the signature of a trusted key. ${
      byJob
        ? 'This deployment has no key (SIGNING_KEY) to sign what jobs publish: give it one, or name the adapter otherwise.'
        : 'Publish it with "npx weft publish --sign KEYFILE".'
    }`,
    { status: 403, param: byJob ? 'suffix' : 'signature', details: { name } },
  )

/** The deployment's own key: nothing of it is shown. */
export const deploymentKeyMalformed = () =>
  new WeftError(
    'signing_key_malformed',
    'SIGNING_KEY, which signs what jobs publish, is no Ed25519 private key in PEM (PKCS #8). Whoever runs this deployment sets it anew: "npx weft sign-keys new" makes one.',
    { status: 500 },
  )

export const signatureInvalid = (id: string, keyId: string) =>
  new WeftError(
    'signature_invalid',
    `The signature of "${id}" by ${keyId} is not one over this file: the file was changed after it was signed, or another one was.`,
    { status: 422, param: 'signature', details: { keyId } },
  )

export const signatureKeyUnknown = (id: string, keyId: string) =>
  new WeftError(
    'signature_key_unknown',
    `"${id}" is signed by ${keyId}, which is not trusted here. Sign it with a key that is, or have an admin trust this one.`,
    {
      status: 403,
      param: 'signature',
      details: { keyId },
    },
  )

export const signatureKeyExpired = (id: string, keyId: string) =>
  new WeftError('signature_key_expired', `"${id}" is signed by ${keyId}, whose time had passed when it was published. Sign it with a newer key.`, {
    status: 403,
    param: 'signature',
    details: { keyId },
  })

export const signingKeyIsConfigured = (id: string) =>
  new WeftError('signing_key_is_configured', `The key ${id} comes from this deployment's configuration. Take it out there.`, { status: 409, param: 'id' })
