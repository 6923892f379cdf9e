import { WeftError } from './error.ts'
import { issueDetails, listed, quoted, shapeText, someDetails, someQuoted } from './error-text.ts'
import { nearest } from './nearest.ts'
import type { Issue } from './schema/issues.ts'

export { isWeftError, WeftError } from './error.ts'

// Requests

export const invalidRequest = (issues: readonly Issue[]) =>
  new WeftError('invalid_request', listed(issues), { param: issues[0]?.param || undefined, details: issueDetails(issues) })

export const jsonTooDeep = (limit: number) =>
  new WeftError('json_too_deep', `the JSON is nested more than ${limit} levels deep; no valid request needs so many`, { details: { limit } })

/** Where those are listed that there are. */
const listedAt: Readonly<Record<string, string>> = {
  model: 'GET /v1/models (npx weft models)',
  adapter: 'GET /v1/adapters (npx weft adapters)',
  route: 'GET /v1/routes (npx weft routes)',
  job: 'GET /v1/fine_tuning/jobs (npx weft jobs)',
  file: 'GET /v1/files (npx weft files)',
  batch: 'GET /v1/batches (npx weft batches)',
}

/** What follows a name that leads nowhere: the nearest that do, or where all of them are. */
const orElse = (kind: string, suggestions: readonly string[]): string => {
  if (suggestions.length > 0) return `; did you mean ${someQuoted(suggestions)}?`
  return Object.hasOwn(listedAt, kind) ? `; ${listedAt[kind]} lists what there is` : ''
}

/** 404 for a name that leads nowhere, with the nearest ones that do. */
export const notFound = (kind: string, name: string, suggestions: readonly string[] = [], param?: string) =>
  new WeftError(`${kind}_not_found`, `there is no ${kind.replaceAll('_', ' ')} "${name}"${orElse(kind, suggestions)}`, {
    status: 404,
    ...(param ? { param } : {}),
    details: { name, ...someDetails('suggestions', suggestions) },
  })

// Expressions

/** A syntax error: names the character and draws it. */
export const syntaxError = (source: string, offset: number, why: string, code = 'expression_syntax') =>
  new WeftError(code, `${why}, at character ${offset + 1}\n${caret(source, offset)}`, { param: 'model', details: { offset, expression: source } })

/** What stands before a bracket and is none of the `calls` there are. */
export const noSuchCall = (source: string, offset: number, name: string, calls: readonly string[]) => {
  const [near] = nearest(name, calls, 1)
  const there = calls.map((call) => `${call}(…)`).join(', ')
  return syntaxError(
    source,
    offset,
    `there is no "${name}(…)"${near === undefined ? `; there are ${there}` : `; did you mean "${near}(…)"? There are ${there}`}`,
  )
}

/** The line around `offset` with a mark under it. */
function caret(source: string, offset: number): string {
  const flat = source.replace(/[\r\n\t]/g, ' ')
  const start = Math.max(0, offset - 60)
  const shown = flat.slice(start, start + 120)
  const lead = start > 0 ? '…' : ''
  return `  ${lead}${shown}\n  ${' '.repeat(lead.length + offset - start)}^`
}

export const expressionTooLong = (length: number, limit: number) =>
  new WeftError('expression_too_long', `the expression has ${length} characters; at most ${limit} are allowed`, { param: 'model', details: { length, limit } })
export const tooManyTerms = (count: number, limit: number) =>
  new WeftError('too_many_terms', `the composition has ${count} terms; at most ${limit} are allowed`, { param: 'model', details: { count, limit } })
export const nestedTooDeep = (limit: number, offset?: number) =>
  new WeftError('nested_too_deep', `the expression is nested more than ${limit} deep`, { param: 'model', details: { limit, offset } })
/** `experts(…)` and its like somewhere inside an expression. */
export const outputsNested = (operator: string, offset?: number) =>
  new WeftError(
    'outputs_nested',
    `${operator}(…) combines the answers of whole compositions, so nothing stands beside it or around it; write what all should hold into each operand: ${operator}(x + a, x + b)`,
    { param: 'model', details: { offset } },
  )
/** `experts(…)` and its like where one composition is asked for. */
export const outputsInside = (operator: string, param = 'model') =>
  new WeftError(
    'outputs_inside',
    `${operator}(…) combines the answers of whole compositions, each in a row of its own, so it cannot act inside one that is trained or computed: name what acts inside the model, such as a + b`,
    { param },
  )
export const autoNotChosen = (offset?: number) =>
  new WeftError(
    'auto_nested',
    "auto(…) is the whole expression, beside a model's name, and is chosen for a request by an edge that has the adapters' probes. Write what all should hold into each operand: auto(x + a, x + b); elsewhere, name what acts.",
    { param: 'model', details: { offset } },
  )
export const outputsOperand = (operator: string, operand: string, why: string, offset?: number) =>
  new WeftError('outputs_operand', `${operand} cannot stand in ${operator}(…): ${why}`, { param: 'model', details: { offset } })
/** @param operand what both come to; a strength in front of one says the same as both */
export const operandsAlike = (operator: string, operand: string, weight: number, offset?: number) =>
  new WeftError(
    'operands_alike',
    `${operand} stands twice in ${operator}(…), and would count as often. Write it once; if it is to count more, by its strength: ${weight}*${operand}`,
    { param: 'model', details: { offset } },
  )
export const operandsOfOneAdapter = (operator: string, one: string, other: string, offset?: number) =>
  new WeftError(
    'operands_alike',
    `${one} and ${other} are two versions of one adapter, in two operands of ${operator}(…): they answer the same requests, and what they share would count twice. Name one of them; ensemble(${one}, ${other}) is the mean of their answers`,
    { param: 'model', details: { offset } },
  )
export const tooManyOperands = (count: number, limit: number, offset?: number) =>
  new WeftError('too_many_operands', `${count} operands are combined at the output; at most ${limit} are possible, since each is a row of its own`, {
    param: 'model',
    details: { count, limit, offset },
  })
export const invalidStrength = (weight: number | string, why: string, offset?: number) =>
  new WeftError('invalid_strength', `a strength of ${weight} is not possible: ${why}`, { param: 'model', details: { weight: String(weight), offset } })
export const modelNotFirst = (name: string) =>
  new WeftError('model_not_first', `"${name}" is a base model; it can only be the first term, without a strength`, { param: 'model' })

// Composing

export const strengthNotSupported = (site: string, ref: string | undefined) =>
  new WeftError(
    'strength_not_supported',
    `${ref ? `"${ref}"` : 'a term'} acts at the ${site} site, which has no strength; use it as it is (1) or leave it out (0)`,
    { param: 'model' },
  )
export const mixNotSupported = (site: string, refs: readonly string[]) =>
  new WeftError('mix_not_supported', `${quoted(refs)} cannot be mixed: the ${site} site has no weighted sum`, { param: 'model' })
export const stackNotSupported = (site: string, refs: readonly string[]) =>
  new WeftError('stack_not_supported', `${quoted(refs)} both bring ${site}, and a composition can hold only one; remove one of them`, {
    param: 'model',
    details: { refs },
  })
export const mixShapes = (site: string, refs: readonly string[], sizes: readonly string[]) =>
  new WeftError(
    'mix_shapes_differ',
    `${quoted(refs)} cannot be mixed: at the ${site} site they have ${sizes.join(' and ')}; a weighted sum needs equal shapes`,
    { param: 'model' },
  )
export const mixSites = (refs: readonly string[], sites: readonly string[]) =>
  new WeftError('mix_sites_differ', `${quoted(refs)} cannot be mixed: they act at different sites (${sites.join('; ')})`, { param: 'model' })
export const trunksDiffer = (refs: readonly string[]) =>
  new WeftError('trunks_differ', `${quoted(refs)} are branches of different trunk prompts; only branches of one trunk can be mixed`, { param: 'model' })
/** Which base it is, and nothing else that is known of it: what is held has a whole specification. */
const identity = ({ name, fingerprint }: { name: string; fingerprint: string }) => ({ name, fingerprint })

export const wrongBase = (ref: string, made: { name: string; fingerprint: string }, held: { name: string; fingerprint: string }) =>
  new WeftError(
    'wrong_base_model',
    `"${ref}" was trained for base model "${made.name}" (${made.fingerprint.slice(0, 19)}…), not for "${held.name}" (${held.fingerprint.slice(0, 19)}…); a trained prompt fits only the model it was trained on`,
    { status: 409, param: 'model', details: { ref, made: identity(made), held: identity(held) } },
  )
export const wrongArchitecture = (ref: string, made: { name: string; architecture: string }, held: string) =>
  new WeftError(
    'wrong_base_model',
    `"${ref}" was trained for base model "${made.name}", a ${made.architecture}, not for a ${held}; a trained prompt fits only the model it was trained on`,
    { status: 409, param: 'model', details: { ref, made, held } },
  )
export const adapterNotLoaded = (digest: string) =>
  new WeftError('adapter_not_loaded', `the composition needs ${digest}, which was not loaded`, { status: 500 })
export const tooManyPositions = (parts: { rows: number; prefix: number; text: number; prompt: number; completion: number }, limit: number) => {
  const total = parts.rows + parts.prefix + parts.text + parts.prompt + parts.completion
  return new WeftError(
    'context_length_exceeded',
    `${total} positions are needed and the model has ${limit}: ${parts.rows} virtual tokens, ${parts.prefix} for the longest prefix, ${parts.text} of the composition's texts, ${parts.prompt} of the prompt, ${parts.completion} to generate; shorten one of them`,
    { details: { ...parts, total, limit } },
  )
}

// Tensors

export const missingTensor = (where: string, name: string) => new WeftError('tensor_missing', `${where}: the tensor "${name}" is missing`, { status: 422 })
export const unexpectedTensor = (where: string, name: string, expected: readonly string[]) =>
  new WeftError('tensor_unexpected', `${where}: there is no tensor "${name}" here; expected ${someQuoted(expected)}${meant(name, expected)}`, {
    status: 422,
  })
/** What a name that is not there may be a slip of. */
const meant = (name: string, names: readonly string[]): string => {
  const [near] = nearest(name, names, 1)
  return near === undefined ? '' : `; did you mean "${near}"?`
}
export const tensorShape = (where: string, expected: readonly (number | string | null)[], got: readonly (number | string)[]) =>
  new WeftError('tensor_shape', `${where} must be ${shapeText(expected)}, got ${shapeText(got)}`, { status: 422, details: { expected, got } })
export const tensorDtype = (where: string, expected: string, got: string) =>
  new WeftError('tensor_dtype', `${where} must be ${expected}, got ${got}`, { status: 422 })
export const notFinite = (where: string, index: number, value: number) =>
  new WeftError('tensor_not_finite', `${where} holds ${value} at element ${index}; every value must be finite`, { status: 422, details: { index } })
export const normTooLarge = (where: string, norm: number, limit: number) =>
  new WeftError('tensor_norm', `${where} has a vector of length ${norm.toPrecision(4)}; at most ${limit} is accepted`, {
    status: 422,
    details: { norm, limit },
  })
export const unknownSite = (name: string, known: readonly string[]) =>
  new WeftError('unknown_site', `there is no site "${name}"; sites are ${quoted(known)}`, { status: 422 })

// Files

export const invalidFile = (why: string, code = 'file_invalid') => new WeftError(code, `not a valid safetensors file: ${why}`, { status: 422 })
export const truncated = (expected: number, got: number) =>
  new WeftError('file_truncated', `the file is cut off, or no safetensors file: it should have ${expected} bytes, and has ${got}; give it whole`, {
    status: 422,
    details: { expected, got },
  })
export const gitLfsPointer = () =>
  new WeftError('git_lfs_pointer', 'the file is a Git LFS pointer, and its tensors are elsewhere; fetch them with "git lfs pull", then send the file itself', {
    status: 422,
  })
export const invalidManifest = (issues: readonly Issue[]) =>
  new WeftError('manifest_invalid', `the file's manifest is not valid: ${listed(issues)}`, { status: 422, details: issueDetails(issues) })
export const noManifest = () =>
  new WeftError(
    'manifest_missing',
    'the safetensors file has no "weft" metadata, so it is not an adapter; PEFT checkpoints are imported with "npx weft import"',
    {
      status: 422,
    },
  )

// Signatures

export const malformedSignature = (text: string) =>
  new WeftError(
    'signature_malformed',
    `"${text.slice(0, 160)}" is no signature; expected "ed25519:<public key>:<signature>", both in base64url, as "npx weft sign" prints it`,
  )
export const malformedSigningKey = () =>
  new WeftError(
    'signing_key_malformed',
    'this is no Ed25519 private key in PEM (PKCS #8); "npx weft sign-keys new" and "openssl genpkey -algorithm ed25519" make one',
  )

// Invocations

export const activatedNeedsDecoder = (architecture: string) =>
  new WeftError(
    'invocation_needs_decoder',
    `an adapter that waits for invocation tokens needs a model that reads its tokens one after another, and a ${architecture} reads all at once; train one that waits for nothing`,
    { status: 422 },
  )
export const emptyInvocation = () =>
  new WeftError('invocation_empty', 'an invocation has no tokens, so nothing would ever start the adapter; give at least one token', { status: 422 })
export const tokenBeyondVocabulary = (token: number, vocabSize: number) =>
  new WeftError(
    'invocation_beyond_vocabulary',
    `the invocation holds token ${token}, and this model's vocabulary ends at ${vocabSize - 1}; give the tokens that this model's tokenizer makes of the invocation`,
    { status: 422, details: { token, vocabSize } },
  )

// Graphs

export const siteNotTrainable = (site: string, why: string) =>
  new WeftError('site_not_trainable', `the ${site} site cannot be used in a training graph: ${why}`)
